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

const PICTURES = { avc: 'H.264', hvc: 'HEVC', hev: 'HEVC', vp0: 'VP9', av0: 'AV1' }

/** What people call it. */
const codecName = (codec) =>
  NAMES[codec] ??
  PICTURES[codec.slice(0, 3)] ??
  (codec.startsWith('mp4a') ? 'AAC' : codec.startsWith('dts') ? 'DTS' : codec.replace(/^A_/, ''))

/**
 * @param film of film.json; undefined: nothing is known of it
 * @returns {{ way: 'file' | 'hls' | 'none', words: string }}
 */
export function wayFor(film, video, hasSegments) {
  const { name, audio, subtitles } = film
  const picture = film.video.codec
  const container = CONTAINERS[name.slice(name.lastIndexOf('.') + 1).toLowerCase()]
  const codecs = [picture, ...audio.slice(0, 1).map(({ codec }) => codec)].join(',')
  const canSegments = hasSegments(`video/mp4; codecs="${picture}"`)
  // With several tracks a browser plays the first and offers no other, nor does it show subtitles within.
  const isPlain = audio.length < 2 && subtitles === 0
  const canFile = container && video.canPlayType(`${container}; codecs="${codecs}"`)
  if (canFile && (isPlain || !canSegments)) {
    return { way: 'file', words: 'Your browser plays this file as it is.' }
  }
  if (!canSegments) {
    const what = codecName(picture)
    return {
      way: 'none',
      words: `The picture of this film is ${what}, which this browser does not play. Open the file in another player, or choose another source.`,
    }
  }
  return { way: 'hls', words: wordsOfHls(film) }
}

function wordsOfHls({ audio }) {
  const offered = audio.filter(({ isOffered }) => isOffered)
  if (audio.length === 0) return 'This film has no sound.'
  const converted = audio.find(({ codec, playedAs }) => codec !== playedAs)
  if (offered.length === 0) {
    return `The sound of this film is ${codecName(audio[0].codec)}, which browsers do not play, and this server converts nothing: only the picture plays.`
  }
  return converted
    ? `The picture is as it is in the file; the sound (${codecName(converted.codec)}) is converted for your browser.`
    : 'Picture and sound are as they are in the file, cut into parts that your browser takes.'
}
