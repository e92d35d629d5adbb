import { styleText } from 'node:util';

/** One line or several for whoever watches. */
export const say = (text = ''): void => console.log(text);

export const heading = (text: string): void => say(`\n${styleText('bold', text)}`);
