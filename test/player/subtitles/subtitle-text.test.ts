import { describe, expect, test } from '@jest/globals'
import { webVtt } from '../../../player/subtitles/subtitle-text.ts'
import { timesAsLong } from '../../support/ratio.ts'
import { ticksWhile } from '../../support/wait.ts'

const of = (text: string, name = 'a.srt') => webVtt(Buffer.from(text), name)
const cue = (words: string, from = '00:00:01.000', to = '00:00:02.500') =>
  `WEBVTT\n\n${from} --> ${to}\n${words}\n`

describe('SubRip', () => {
  test.each([
    ['1\n00:00:01,000 --> 00:00:02,500\nHello\n', 'Hello'],
    ['\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\nyou\r\n\r\n', 'Hello\nyou'],
    ['00:00:01.000 --> 00:00:02.500  X1:40 X2:600\nHello\n', 'Hello'],
    ['1\n0:0:1,0 --> 0:0:2,5\nHello', 'Hello'],
    ['1\n00:00:01,000 --> 00:00:02,500\n<i>A</i> <font color="#fff">B</font>\n', '<i>A</i> B'],
    [
      '1\n00:00:01,000 --> 00:00:02,500\n{\\an8}Tom & <Jerry 3 < 4\n',
      'Tom &amp; &lt;Jerry 3 &lt; 4',
    ],
    ['1\n00:00:01,000 --> 00:00:02,500\na --> b\n', 'a --&gt; b'],
    ['1\n00:01,000 --> 00:02,500\nno hours\n', 'no hours'],
    ['1\n00: 00: 01, 000 --> 00:00:02:500\nblanks\n', 'blanks'],
    ['00:01.000 --> 00:02.500\nWebVTT without its name\n', 'WebVTT without its name'],
    ['WEBVTT\n\n00:00:01,000 --> 00:00:02,500\nWebVTT with commas\n', 'WebVTT with commas'],
    [
      `${'1\n00:00:01,000 --> 00:00:02,500\n'}Don&#39;t &quot;x&#x22; &#60;script&#62; &#10;&#13; &#9999999; &amp;\n`,
      'Don\'t "x" &lt;script>    &amp;#9999999; &amp;',
    ],
  ])('%j', async (text, words) => expect(await of(text)).toBe(cue(words)))

  test('times without parts of a second', async () =>
    expect(await of('1\n00:00:01 --> 0:02\nHi\n')).toBe(cue('Hi', '00:00:01.000', '00:00:02.000')))

  test('cues one after the other, with and without numbers and empty lines', async () => {
    const text =
      '1\n00:00:01,000 --> 00:00:02,500\nOne\n2\n00:00:03,000 --> 00:00:04,000\n\n' +
      '\n3\n01:02:05,000 --> 01:02:06,007\nThree\n\nmore\n'
    expect(await of(text)).toBe(`${cue('One')}\n01:02:05.000 --> 01:02:06.007\nThree\nmore\n`)
  })

  test('garbage is a list of nothing', async () => expect(await of('hello\u0000')).toBe('WEBVTT\n'))
})

describe('charsets', () => {
  const at = '1\n00:00:01,000 --> 00:00:02,500\n'
  test('UTF-16 without a mark', async () => {
    const text = Buffer.from(`${at}Привет`, 'utf16le')
    expect(await webVtt(text, 'a.srt')).toBe(cue('Привет'))
    expect(await webVtt(Buffer.from(text).swap16(), 'a.srt')).toBe(cue('Привет'))
  })

  test('UTF-16 by its mark', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${at}žluť`, 'utf16le')])
    expect(await webVtt(bytes, 'a.srt')).toBe(cue('žluť'))
  })
  test('Windows-1252 and Windows-1251, from the bytes', async () => {
    const french = `${at}Où êtes-vous allés hier? Je ne sais pas, à la plage près du château.`
    expect(await webVtt(Buffer.from(french, 'latin1'), 'a.srt')).toContain('Où êtes-vous allés')
    // "Привет, как дела? Я не знаю, где он сейчас живёт."
    const cyrillic = [...'Привет, как дела? Я не знаю, где он сейчас находится.'].map((c) => {
      const code = c.charCodeAt(0)
      return code >= 0x410 ? code - 0x410 + 0xc0 : code
    })
    const bytes = Buffer.concat([Buffer.from(at), Buffer.from(cyrillic)])
    expect(await webVtt(bytes, 'a.srt')).toContain('Привет, как дела?')
  })
})

describe('others', () => {
  test('WebVTT stays as it is', async () => {
    const text = 'WEBVTT - mine\n\n00:01.000 --> 00:02.000 line:0\nHello\n'
    expect(await of(text, 'a.vtt')).toBe(text)
  })

  test('SubStation Alpha by time, without marks and drawings', async () => {
    const text = `[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Later, with a comma
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{A pun.}{=0}{\\i1}Hello{\\i0}\\Nyou
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}
`
    expect(await of(text, 'a.ass')).toBe(
      `${cue('Hello\nyou')}\n00:00:03.000 --> 00:00:04.000\nLater, with a comma\n`,
    )
  })
})

describe('hostile files', () => {
  const longest = 2 * 1024 * 1024
  const ass = '[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00,'
  const srt = '1\n00:00:01,000 --> 00:00:02,500\n'
  const cues = `${srt}<i>Words</i> of {\\an8}a film\n\n`.repeat(longest / 64).slice(0, longest)
  // Each of these took a parser minutes, or would; an ordinary file of this size takes 0.1 s.
  test.each([
    ['a.srt', srt, '<a'],
    ['a.srt', srt, '{\\'],
    ['a.ass', ass, '{\\t('],
    ['a.ass', ass, '{\\p1'],
  ])('%s of %j%j end in time', async (name, head, filler) => {
    const text = (head + filler.repeat(longest / filler.length)).slice(0, longest)
    const [hostile, ordinary] = [Buffer.from(text), Buffer.from(cues)]
    const times = await timesAsLong(
      () => webVtt(hostile, name),
      () => webVtt(ordinary, 'a.srt'),
    )
    expect(times).toBeLessThan(10)
  })

  // Each of these held the process for 0.4 to 2 s, at every request.
  test.each([
    ['a.srt', '', srt],
    ['a.srt', '', '\n'],
    ['a.srt', '', '\r'],
    ['a.srt', '', '1\n'],
    ['a.srt', '', `${srt}a\n\n`],
    ['a.ass', '[Events]\nFormat: Start, End, Text\n', 'Dialogue: 0:00:01.00,0:00:02.00,a\n'],
    ['a.ass', '[Events]\nFormat: Start, End, Text\n', `Dialogue: ${','.repeat(900)}\n`],
  ])('others have their turns while %s of %j%j is read', async (name, head, filler) => {
    const file = Buffer.from(head + filler.repeat(longest / filler.length))
    const { ticks, result: text } = await ticksWhile(() => webVtt(file, name))
    expect(ticks).toBeGreaterThan(2)
    expect(text.match(/-->/g)?.length ?? 0).toBeLessThanOrEqual(20_000)
  })

  test('a cue of nothing but brackets is as long as words are', async () => {
    expect((await of(srt + '<'.repeat(longest))).length).toBeLessThan(10_000)
    expect((await of(`${ass}{\\i1}${'Words '.repeat(9000)}{\\clip(`, 'a.ass')).length).toBeLessThan(
      2100,
    )
  })
})
