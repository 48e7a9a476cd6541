import { expect } from '@jest/globals'
import fc from 'fast-check'
import { webVtt } from '../../player/subtitles/subtitle-text.ts'
import { anyBytes, mutatedText, pumpOf, textOf } from './arbitraries.ts'
import { fuzz } from './fuzz.ts'
import { worseThanLinear } from './growth.ts'

const WORDS = [
  ...[
    '1\n',
    '00:00:01,000',
    ' --> ',
    '00:00:02.500',
    '\n\n',
    '\n',
    '<b>',
    '</b>',
    '<font color=x>',
    '{\\an8}',
    '&amp;',
    '<',
    '&',
  ],
  ...[
    '[Script Info]\n',
    '[Events]\n',
    'Format: Start, End, Text\n',
    'Dialogue: 0:00:01.00,0:00:02.00,',
    '\\N',
    '{\\p1}',
    'WEBVTT',
  ],
]
const srt =
  '1\n00:00:01,000 --> 00:00:02,000\nHello <i>you</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nBye & <b>so on\n'
const ass =
  '[Script Info]\n[Events]\nFormat: Layer, Start, End, Text\nDialogue: 0,0:00:01.00,0:00:02.00,Hello {\\i1}you\\Nthere\n'
const names = fc.constantFrom('a.srt', 'a.ass', 'a.ssa', 'a.vtt', 'a', '')
const bytes = fc.oneof(
  anyBytes,
  fc.oneof(textOf(WORDS), mutatedText([srt, ass], WORDS)).map((text) => Buffer.from(text)),
)
const TIMES = /^\d{2,}:\d\d:\d\d\.\d{3} --> \d{2,}:\d\d:\d\d\.\d{3}$/

fuzz(
  'subtitles: any bytes are WebVTT: cues with times, text without markup of its own',
  fc.asyncProperty(bytes, names, async (given, name) => {
    const text = await webVtt(given, name)
    expect(text.startsWith('WEBVTT')).toBe(true)
    const own = /^\ufeff?WEBVTT(?:[ \t\r\n]|$)/.test(given.toString())
    if (own) return
    const [, ...blocks] = text.split('\n\n')
    for (const block of blocks.filter((one) => one.trim() !== '')) {
      const [times = '', ...words] = block.trim().split('\n')
      expect(times).toMatch(TIMES)
      expect(words.join('\n').replace(/<\/?[biu]>/gi, '')).not.toMatch(/<|-->/)
    }
    expect(text.length).toBeLessThanOrEqual(given.length * 12 + 100)
  }),
)

fuzz(
  'subtitles: cues are read as they were written, whatever their charset says',
  fc.asyncProperty(
    fc.array(fc.tuple(fc.nat(3_000_000), fc.stringMatching(/^[a-zé]{1,20}$/)), {
      minLength: 1,
      maxLength: 5,
    }),
    fc.constantFrom('utf8', 'utf16le'),
    async (cues, charset) => {
      const clock = (ms: number) => new Date(ms).toISOString().slice(11, 23)
      const text = cues
        .map(
          ([at, words], n) =>
            `${n + 1}\n${clock(at).replace('.', ',')} --> ${clock(at + 500).replace('.', ',')}\n${words}\n`,
        )
        .join('\n')
      const read = await webVtt(Buffer.from(`\ufeff${text}`, charset as 'utf8'), 'a.srt')
      expect(read).toBe(
        [
          'WEBVTT\n',
          ...cues.map(([at, words]) => `${clock(at)} --> ${clock(at + 500)}\n${words}\n`),
        ].join('\n'),
      )
    },
  ),
)

fuzz(
  'subtitles: time grows with the length',
  fc.asyncProperty(pumpOf(WORDS), names, async (pump, name) => {
    expect(await worseThanLinear((text) => webVtt(Buffer.from(text), name), pump)).toBeUndefined()
  }),
  1,
)
