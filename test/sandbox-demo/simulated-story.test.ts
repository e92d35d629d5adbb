import test from 'ava';
import { goodRelease, slowRelease } from '../../sandbox/demo/chapters.ts';
import type { Chapter, Findings } from '../../sandbox/demo/chapters.ts';
import { hasComeTrue, judge } from '../../sandbox/demo/judge.ts';
import { chaptersFor } from '../../sandbox/demo/play.ts';
import { createSimulatedStory } from '../../sandbox/demo/simulated-story.ts';
import { readCanary, shortStory, shortened } from '../../sandbox/story/example.ts';
import type { Shortening } from '../../sandbox/story/example.ts';

async function playAll(shortening: Shortening | undefined): Promise<readonly { chapter: Chapter; found: Findings }[]> {
  const canary = await readCanary(process.cwd());
  const story = createSimulatedStory(shortening === undefined ? canary : shortened(canary, shortening), () => {});
  return chaptersFor(shortening).map((chapter) => ({ chapter, found: story.play(chapter) }));
}

for (const [name, shortening] of [
  ['shortened', shortStory],
  ['untouched', undefined],
] as const) {
  test(`the rules tell the story of the ${name} example as it should go`, async (t) => {
    const told = await playAll(shortening);
    t.deepEqual(
      told.map(({ chapter, found }) => [chapter.release, found.phase, found.weight]),
      [
        [undefined, 'Initialized', 0],
        [goodRelease, 'Succeeded', 0],
        [slowRelease, 'Failed', 0],
      ],
    );
    for (const { chapter, found } of told) {
      const verdicts = judge(chapter, found, ['receiver']);
      t.deepEqual(
        verdicts.filter(({ ok }) => !ok),
        [],
      );
      t.true(hasComeTrue(verdicts));
    }
  });
}

test('a chapter whose findings are missing has not come true', async (t) => {
  for (const { chapter, found } of await playAll(shortStory)) {
    t.false(hasComeTrue(judge(chapter, { ...found, events: [] }, ['receiver'])), `${chapter.title}, no events`);
    t.false(hasComeTrue(judge(chapter, { ...found, messages: [] }, ['receiver'])), `${chapter.title}, no messages`);
  }
});

test('a good release that never comes to its end is an error that names the chapter', async (t) => {
  const canary = await readCanary(process.cwd());
  const story = createSimulatedStory(shortened(canary, shortStory), () => {});
  const [first] = chaptersFor(shortStory);
  if (first === undefined) throw new Error('expected a first chapter, found none');
  t.throws(() => story.play({ ...first, until: 'Failed' }), {
    message: `'${first.title}': expected phase Failed within 60 steps`,
  });
});

test('the story prints its events with growing times', async (t) => {
  const canary = await readCanary(process.cwd());
  const printed: { seconds: number; line: string }[] = [];
  const story = createSimulatedStory(shortened(canary, shortStory), (seconds, line) => printed.push({ seconds, line }));
  for (const chapter of chaptersFor(shortStory)) story.play(chapter);
  t.deepEqual(
    printed.map(({ seconds }) => seconds),
    printed.map(({ seconds }) => seconds).toSorted((a, b) => a - b),
  );
  t.true(printed.some(({ line }) => line.startsWith('Warning  Halt podinfo.test advancement request duration')));
});
