import { describe, expect, test } from '@jest/globals'
import { BadValue, shown } from '../../config/bad-value.ts'
import { decimal, line, oneOf, onOff, secret, wholeNumber } from '../../config/plain-values.ts'

describe('wholeNumber', () => {
  const parse = wholeNumber(1, 600, 'seconds')

  test.each([
    ['1', 1],
    ['30', 30],
    ['600', 600],
  ])('reads %j', (text, value) => expect(parse(text, '/')).toBe(value))

  test.each([
    ...['', '0', '601', '-1', '+5', '1.5', '1e2', '0x10', '010', ' 7', '7 ', '30s', '1_000'],
    ...['NaN', 'Infinity', '٣', '9'.repeat(400)],
  ])('refuses %j', (text) => {
    expect(() => parse(text, '/')).toThrow(BadValue)
  })

  test('names unit, bounds and what was written', () => {
    expect(() => parse('1e2', '/')).toThrow(
      'must be a whole number of seconds from 1 to 600, not "1e2".',
    )
    expect(() => wholeNumber(0, 9)('x', '/')).toThrow('must be a whole number from 0 to 9, not "x"')
  })
})

describe('oneOf', () => {
  const parse = oneOf('whole', 'window')

  test('reads its words exactly', () => {
    expect(parse('window', '/')).toBe('window')
    for (const text of ['Window', 'windows', '']) {
      expect(() => parse(text, '/')).toThrow('must be one of whole, window')
    }
  })
})

describe('onOff', () => {
  test.each(['on', 'ON', 'true', '1', 'yes'])('%j is on', (text) => {
    expect(onOff(text, '/')).toBe(true)
  })

  test.each(['off', 'Off', 'false', '0', 'no'])('%j is off', (text) => {
    expect(onOff(text, '/')).toBe(false)
  })

  test.each(['', 'onn', '2', 'enabled', 'constructor'])('refuses %j', (text) => {
    expect(() => onOff(text, '/')).toThrow('must be on or off')
  })
})

describe('secret', () => {
  const parse = secret(16)

  test('takes visible ASCII of the least length', () => {
    expect(parse('0123456789abcdef', '/')).toBe('0123456789abcdef')
  })

  test.each([
    '',
    '0123456789abcde',
    'with a space in it',
    'line\nbreak-in-it-',
    'ümläüte-ümläüte-',
    '0123456789abcdef'.repeat(257),
  ])('refuses %j and does not repeat it', (text) => {
    let message = ''
    try {
      parse(text, '/')
    } catch (error) {
      message = error instanceof BadValue ? error.message : ''
    }
    expect(message).toMatch(/^must /)
    if (text) expect(message).not.toContain(text)
  })
})

test('line refuses control characters and what is too long', () => {
  const parse = line(5)
  expect(parse('a b ü', '/')).toBe('a b ü')
  for (const text of ['abcdef', 'a\nb', 'a\0', 'a\u0085']) {
    expect(() => parse(text, '/')).toThrow('must be one line of at most 5 characters.')
  }
})

test('a shown value is quoted, escaped and cut', () => {
  expect(shown('a\n"b"')).toBe('"a\\n\\"b\\""')
  expect(shown('x'.repeat(500))).toHaveLength(65)
})

describe('decimal', () => {
  const parse = decimal(0, 1000)

  test.each([
    ['0', 0],
    ['1.5', 1.5],
    ['1000', 1000],
    ['0.125', 0.125],
  ])('reads %j', (text, value) => expect(parse(text, '/')).toBe(value))

  test.each(['', '-1', '1000.1', '1e2', '.5', '1.', '01', '1,5', '0.1234', 'NaN', '0x1'])(
    'refuses %j',
    (text) => expect(() => parse(text, '/')).toThrow('must be a number from 0 to 1000'),
  )
})
