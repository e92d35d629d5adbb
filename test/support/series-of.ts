/** Lines of a metrics page. */
export interface Rendering {
  render(): Promise<string>;
}

/** The lines of one metric, or of all whose names begin so where `name` ends with an underscore. */
export async function seriesOf(metrics: Rendering, name: string): Promise<string[]> {
  return (await metrics.render())
    .split('\n')
    .filter((line) => line.startsWith(name.endsWith('_') ? name : `${name}{`) || line.startsWith(`${name} `));
}
