import { filmReason } from './refusal.js'
import { fill, words } from './words.js'

/** How a film can be played in this browser, asked of the browser itself. */

/** Containers that some browser reads, by the end of a name. Matroska is read by Chromium as WebM is. */
const CONTAINERS = { mp4: 'video/mp4', m4v: 'video/mp4', mov: 'video/mp4', webm: 'video/webm' }

const NAMES = {
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  A_TRUEHD: 'TrueHD',
  flac: 'FLAC',
  opus: 'Opus',
  vorbis: 'Vorbis',
}

/** The containers' own names of pictures that no browser plays. */
const OLD_PICTURES = [
  [/^V_MPEG4\/ISO\/AVC$/, 'H.264'],
  [/^V_MS\//, words.watch.oldKind],
  [/^V_MPEG4\//, 'MPEG-4 (XviD, DivX)'],
  [/^V_MPEG2$/, 'MPEG-2'],
  [/^avc[13]\.6e/i, words.watch.tenBits],
]

const PICTURES = { avc: 'H.264', hvc: 'HEVC', hev: 'HEVC', vp0: 'VP9', av0: 'AV1' }

/** What people call it. */
const codecName = (codec) =>
  NAMES[codec] ??
  OLD_PICTURES.find(([names]) => names.test(codec))?.[1] ??
  PICTURES[codec.slice(0, 3)] ??
  (codec.startsWith('mp4a') ? 'AAC' : codec.startsWith('dts') ? 'DTS' : codec.replace(/^[AV]_/, ''))

/** What the browser says of a kind of media; undefined: it does not say. */
const decoding = async (asked) =>
  navigator.mediaCapabilities?.decodingInfo(asked).catch(() => undefined)

/** Of a picture whose rate nobody knows: what a browser is asked about has to say some. */
const USUAL = { bitrate: 8e6, framerate: 25 }

/**
 * Whether the browser decodes the picture when it comes in segments.
 * @param type of Media Capabilities: `media-source`, or `file` where the browser reads HLS itself
 */
async function decodes({ codec, isCopied, width, height }, hasSegments, type) {
  const contentType = `video/mp4; codecs="${codec}"`
  if (!isCopied || !hasSegments(contentType)) return false
  const answer = await decoding({ type, video: { contentType, width, height, ...USUAL } })
  return answer?.supported ?? true
}

const SURROUND = {
  contentType: 'audio/mp4; codecs="mp4a.40.2"',
  ...{ channels: '6', bitrate: 384e3, samplerate: 48e3 },
}

/** Whether the film has six channels, the browser decodes them, and the machine has as many outputs. */
async function takesSurround({ audio }, type) {
  if (!audio.some(({ hasSurround }) => hasSurround)) return false
  const answer = await decoding({ type, audio: SURROUND })
  if (!answer?.supported) return false
  const context = new AudioContext()
  const { maxChannelCount } = context.destination
  await context.close()
  return maxChannelCount >= 6
}

/**
 * @param film of film.json
 * @param hasSegments whether the browser says to take a type in segments
 * @param type as for `decodes`
 * @returns {Promise<{ way: 'file' | 'copied' | 'encoded' | 'none', isSurround?: boolean, words: string }>}
 */
export async function wayFor(film, video, hasSegments, type) {
  const { name, audio, subtitles, encoded, whyNotEncoded } = film
  const picture = film.video.codec
  const container = CONTAINERS[name.slice(name.lastIndexOf('.') + 1).toLowerCase()]
  const codecs = [picture, ...audio.slice(0, 1).map(({ codec }) => codec)].join(',')
  const canSegments = await decodes(film.video, hasSegments, type)
  // With several tracks a browser plays the first and offers no other, nor does it show subtitles within.
  const isPlain = audio.length < 2 && subtitles === 0
  const canFile = container && video.canPlayType(`${container}; codecs="${codecs}"`)
  if (canFile && (isPlain || !canSegments)) {
    return { way: 'file', words: words.watch.asItIs }
  }
  if (canSegments || encoded) {
    const way = canSegments ? 'copied' : 'encoded'
    const isSurround = await takesSurround(film, type)
    return { way, isSurround, words: wordsOfSegments(film, way, isSurround) }
  }
  const refused = fill(words.watch.pictureRefused, { codec: codecName(picture) })
  const told = [refused, whyNotEncoded && filmReason(whyNotEncoded), words.watch.otherPlayer]
  return { way: 'none', words: told.filter(Boolean).join(' ') }
}

/** What is done for a film that is played in segments: `way` is 'copied' or 'encoded'. */
export const wordsOfSegments = (film, way, isSurround) =>
  way === 'encoded' ? wordsOfEncoded(film, isSurround) : wordsOfHls(film, isSurround)

const soundName = ({ codec }, isSurround) => `${codecName(codec)}${isSurround ? ', 5.1' : ''}`

function wordsOfEncoded({ video, audio, encoded }, isSurround) {
  const codec = codecName(video.codec)
  const n = String(encoded.height)
  const converted = audio.find((track) => track.codec !== track.playedAs)
  return converted
    ? fill(words.watch.encodedBoth, { codec, n, sound: soundName(converted, isSurround) })
    : fill(words.watch.encoded, { codec, n })
}

function wordsOfHls({ audio }, isSurround) {
  const offered = audio.filter(({ isOffered }) => isOffered)
  if (audio.length === 0) return words.watch.noSound
  const converted = audio.find(({ codec, playedAs }) => codec !== playedAs)
  if (offered.length === 0) {
    return fill(words.watch.soundRefused, { codec: codecName(audio[0].codec) })
  }
  return converted
    ? fill(words.watch.converted, { codec: soundName(converted, isSurround) })
    : words.watch.copied
}
