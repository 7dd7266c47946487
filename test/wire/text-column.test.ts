import { constants } from 'node:buffer';
import { expect } from 'chai';
import { hasTextColumns, readTexts, TextColumn } from '../../lib/wire/text-column.js';

/** What arrives of texts that a server sent one behind the other, with bytes of others around them. */
function crossing(texts: readonly (Uint8Array | null)[], capacity = 64): (string | null)[] {
  const column = new TextColumn(capacity);
  const before = Uint8Array.of(0xff, 0xff, 0xff);
  const sent = Buffer.concat([before, ...texts.map((text) => text ?? Uint8Array.of()), before]);
  const view = new DataView(sent.buffer, sent.byteOffset, sent.length);
  let at = before.length;
  for (const text of texts) {
    if (text === null) column.addNull();
    else column.add(view, at, (at += text.length));
  }
  return readTexts(structuredClone(column.finish()));
}

describe('a column of texts', () => {
  it('is read by this version of Node as it is written', () => {
    expect(hasTextColumns()).to.equal(true);
  });

  it('has texts of every length, wherever they stand', () => {
    const texts = Array.from({ length: 600 }, (_, length) => 'abcdefghijk'.repeat(60).slice(0, length));
    expect(crossing(texts.map((text) => Buffer.from(text)))).to.deep.equal(texts);
    const long = ['x'.repeat(16_383), 'y'.repeat(16_384), 'z'.repeat(5_000_001)];
    expect(crossing(long.map((text) => Buffer.from(text)))).to.deep.equal(long);
  });

  it('has any number of texts and of NULLs', () => {
    for (const count of [0, 1, 127, 128, 16_383, 16_384, 100_000]) {
      const texts = Array.from({ length: count }, (_, i) => (i % 3 === 1 ? null : `${i}`));
      expect(crossing(texts.map((text) => (text === null ? null : Buffer.from(text))))).to.deep.equal(texts);
    }
  });

  it('has letters beyond ASCII at every place of a text, and texts of nothing else', () => {
    const letters = ['é', 'ÿ', 'Ā', '€', '🙂', '\u0080'];
    const texts = letters.flatMap((letter) => [
      ...Array.from({ length: 9 }, (_, i) => `${'-'.repeat(i)}${letter}${'-'.repeat(9 - i)}`),
      ...Array.from({ length: 140 }, (_, count) => letter.repeat(count)),
      letter.repeat(10_000),
    ]);
    expect(crossing(texts.map((text) => Buffer.from(text)))).to.deep.equal(texts);
  });

  it('refuses a text that no string can hold', () => {
    const column = new TextColumn(64);
    const length = constants.MAX_STRING_LENGTH + 1;
    expect(() => column.add(new DataView(new ArrayBuffer(length)), 0, length)).to.throw(RangeError, `${length} bytes`);
  });

  it('says of bytes that are no UTF-8 what a Buffer says', () => {
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 0x7fffffff);
    const texts = Array.from({ length: 3_000 }, () =>
      Buffer.from(Array.from({ length: random() % 9 }, () => random() & 0xff)),
    );
    const broken = [
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
      [0xef, 0xbb, 0xbf, 0x61],
    ];
    texts.push(...broken.map((bytes) => Buffer.from(bytes)));
    expect(crossing(texts)).to.deep.equal(texts.map((bytes) => bytes.toString('utf8')));
  });
});
