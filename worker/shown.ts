/** How much of what others sent or named may stand in an event, a status or a log. */

const longestExcerpt = 512;

/** The beginning of a body, short enough for an event. */
export const excerpt = (body: string): string =>
  body.length <= longestExcerpt ? body : `${body.slice(0, longestExcerpt)}…`;

/** A URL, or a text that was meant as one, without user, password and query: that is where people put their tokens. */
export const withoutCredentials = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//').replace(/[?#].*$/s, '');
