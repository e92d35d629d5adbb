/**
 * Many texts that are alike, kept small: each is packed against some of the earlier ones. Objects of one kind are mostly
 * the same words, and a twentieth of each is left.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export interface TextPacker {
  /** The same text, as only this packer can read it. */
  pack(text: string): string;
  /** @param packed what `pack` of this packer has returned */
  unpack(packed: string): string;
}

/** Bytes of one text that later ones are packed against. */
const sampleBytes = 4_096;
/** Bytes of all samples: with a text of usual length they fit into the window, which is 16 KiB. */
const dictionaryBytes = 12_288;
const windowBits = 14;
/** Bytes: a few hundred are what packing comes to, and zlib allocates whole chunks. */
const chunkSize = 2_048;
/** Of a text like the samples less than this part is left; one of which more is left becomes a sample. */
const usualPart = 0.2;
/** What is packed has to be unpacked with the samples of its time, so those are kept. */
const mostDictionaries = 16;

export function createTextPacker(): TextPacker {
  const dictionaries: Buffer[] = [Buffer.alloc(0)];
  return {
    pack: (text) => {
      const generation = dictionaries.length - 1;
      const dictionary = dictionaries[generation];
      const plain = Buffer.from(text);
      const packed = deflateRawSync(plain, { windowBits, chunkSize, dictionary });
      if (packed.length > plain.length * usualPart) addSample(dictionaries, plain);
      // A string of one byte to the character costs less than a Buffer.
      return Buffer.concat([Buffer.of(generation), packed]).toString('latin1');
    },
    unpack: (packed) => {
      const bytes = Buffer.from(packed, 'latin1');
      const dictionary = dictionaries[bytes[0] ?? 0];
      return inflateRawSync(bytes.subarray(1), { windowBits, chunkSize, dictionary }).toString();
    },
  };
}

function addSample(dictionaries: Buffer[], text: Buffer): void {
  const samples = dictionaries.at(-1) ?? Buffer.alloc(0);
  const sample = text.subarray(0, sampleBytes);
  if (samples.length + sample.length > dictionaryBytes || dictionaries.length === mostDictionaries) return;
  dictionaries.push(Buffer.concat([samples, sample]));
}
