import fc from 'fast-check'

/** What has broken parsers: marks, marks that hide text, half characters, prototype keys. */
const TRICKS = [
  ...[
    '',
    ' ',
    '\t',
    '\r\n',
    '\n',
    '\0',
    '\u001b[2J',
    '\u0085',
    '\u2028',
    '\u202e',
    '\u200b',
    '\ufeff',
  ],
  ...[
    '\ud800',
    '\udc00',
    '💾',
    '👤',
    'é',
    'ß',
    '%',
    '%00',
    '%2e%2e',
    '%ff',
    '%e2%80%ae',
    '..',
    '../',
    '\\',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '-0',
    '1e9',
    '0x10',
    '١',
  ],
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    '`',
    '$&',
    '--',
    '-->',
    ',',
    ';',
    ':',
    '@',
    '#',
    '?',
    '=',
    '+',
    '~',
    '_',
  ],
] as const

/** Text that is made of a language's own words, of tricks, and of anything. */
export const textOf = (words: readonly string[], maxLength = 30): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...words) },
        { weight: 2, arbitrary: fc.constantFrom(...TRICKS) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
        { weight: 1, arbitrary: fc.integer().map(String) },
      ),
      { maxLength },
    )
    .map((parts) => parts.join(''))

/** An honest text that was changed at some places: cut, doubled, or something put in. */
export const mutatedText = (
  honest: readonly string[],
  words: readonly string[],
): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...honest),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), textOf(words, 3)), {
        maxLength: 4,
      }),
    )
    .map(([text, changes]) =>
      changes.reduce((now, [where, cut, put]) => {
        const at = Math.floor(where * now.length)
        return now.slice(0, at) + put + now.slice(at + cut)
      }, text),
    )

/** The same of bytes. */
export const mutatedBytes = (honest: readonly Uint8Array[]): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      fc.constantFrom(...honest),
      fc.array(
        fc.tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(4),
          fc.uint8Array({ maxLength: 4 }),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([bytes, changes]) =>
      changes.reduce<Buffer>((now, [where, cut, put]) => {
        const at = Math.floor(where * now.length)
        return Buffer.concat([now.subarray(0, at), put, now.subarray(at + cut)])
      }, Buffer.from(bytes)),
    )

export const anyBytes = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))

/** JSON as `JSON.parse` gives it, where `__proto__` is a key like others. */
export const foreignJson = (keys: readonly string[]): fc.Arbitrary<unknown> =>
  fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, '', ...TRICKS),
      textOf(keys, 4),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.constantFrom('__proto__', 'constructor', ...keys), tie('value')), {
          maxLength: 6,
        })
        .map(objectOf),
    ),
  })).value

/** As JSON.parse makes it: `Object.fromEntries` defines, it does not set. */
const objectOf = (entries: readonly (readonly [string, unknown])[]): unknown =>
  Object.fromEntries(entries)

/** A hostile text of any length: something again and again, between a beginning and an end. */
export interface Pump {
  readonly head: string
  readonly unit: string
  readonly tail: string
}

export const pumpOf = (words: readonly string[]): fc.Arbitrary<Pump> => {
  const some = textOf(words, 2)
  return fc.record({ head: some, unit: textOf(words, 3).filter((text) => text !== ''), tail: some })
}

export const pumped = ({ head, unit, tail }: Pump, length: number): string =>
  head + unit.repeat(Math.ceil(length / unit.length)) + tail

/** Control characters, line breaks, and marks that reorder or hide text. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u

/** Every string in a value, names of its properties too. */
export function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Map || value instanceof Set) return [...value].flatMap(stringsIn)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  return Object.entries(value).flatMap(([key, one]) => [key, ...stringsIn(one)])
}

export const isClean = (text: string): boolean => !UNSEEN.test(text) && text.isWellFormed()

/** What a hostile key could have done to all objects. */
export const isPolluted = (): boolean => {
  for (const key in {}) return key !== undefined
  return !Object.is(Object.getPrototypeOf({}), Object.prototype)
}
