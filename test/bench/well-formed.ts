const tag = /<(?<end>\/?)(?<name>\w+)(?:\s+[\w:-]+="[^"<]*")*\s*(?<self>\/?)>/g;

/**
 * Whether every element of a piece of XML is closed, in its order; enough for what a library has drawn.
 *
 * @returns what is wrong; undefined for nothing
 */
export function wellFormed(xml: string): string | undefined {
  const open: string[] = [];
  for (const { groups: { end, name = '', self } = {} } of xml.matchAll(tag)) {
    if (self === '/') continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) return `</${name}> in the wrong place`;
  }
  const [stray] = xml.replaceAll(tag, '').match(/[<>]|&(?!amp;|lt;|gt;)/) ?? [];
  if (stray !== undefined) return `a stray ${stray}`;
  return open.length === 0 ? undefined : `not closed: ${open.join(', ')}`;
}
