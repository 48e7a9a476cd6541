import { copy } from './copy.js'
import { at, element, say } from './dom.js'
import { wayFor, wordsOfSegments } from './how-it-plays.js'
import { keep, kept } from './kept.js'
import { offerPlayers } from './other-players.js'
import { refusalWords } from './refusal.js'
import { resumeOf } from './resume.js'
import { trackName } from './track-name.js'
import { wordsFor } from './waiting-words.js'
import { offerChapters } from './watch-chapters.js'
import { listenToKeys } from './watch-keys.js'
import { NextEpisode } from './watch-next.js'
import { languageOf, Subtitles } from './watch-subtitles.js'
import { TimeBar } from './watch-time.js'
import { words } from './words.js'

const ASK_MS = 1000
const SOUND = 'watch sound'

// What stands behind `watch/` in this page's address names the film everywhere.
const [, base, film] = /^(.*\/)watch\/(.*)$/.exec(location.pathname)
const { search } = location
const playUrl = new URL(`${base}play/${film}${search}`, location.href).href
const filesUrl = `${base}subtitles/${film}/tracks.json${search}`
const stateUrl = `${base}api/play-state/${film}${search}`
const partUrl = (name) => `${base}hls/${film}/${name}${search}`

const video = at('video')
const resume = resumeOf(`${film}${search}`)
const subtitles = new Subtitles(video)
const next = new NextEpisode(video, `${base}api/next/${film}${search}`, resume.forget)
let isPlaying = false
let hasFailed = false
/** What is done for it to play, in words. */
let doing = ''

function fail(why) {
  hasFailed = true
  at('note').dataset.tone = 'bad'
  say('note', why)
  // What had begun stays to be seen; what never did would be a player whose buttons do nothing.
  if (!isPlaying) at('screen').dataset.state = 'refused'
}

/** The server's own sentence for what an address does not give; undefined: it gives it. */
async function refusalOf(url) {
  try {
    const answer = await fetch(url)
    if (answer.ok) return undefined
    return refusalWords((await answer.json()).error)
  } catch {
    return words.watch.noAnswer
  }
}

/** Tells what is waited for until the film plays. */
async function tellProgress() {
  while (!isPlaying && !hasFailed) {
    const answer = await fetch(stateUrl).catch(() => undefined)
    const state = answer?.ok ? await answer.json() : undefined
    if (isPlaying || hasFailed) return
    if (state && !['idle', 'ready', 'path'].includes(state.stage)) say('note', wordsFor(state))
    await new Promise((resolve) => setTimeout(resolve, ASK_MS))
  }
}

/** @param why nothing is made ready of it, where the server has said so */
function playFile(why = words.watch.cannotPlay) {
  video.src = playUrl
  video.addEventListener('loadedmetadata', () => {
    if (resume.at > 0) video.currentTime = resume.at
  })
  video.addEventListener('error', async () => {
    const refusal = await refusalOf(playUrl)
    fail(refusal ?? why)
  })
}

/** A language, or what has none by its name. */
const nameOfSound = ({ lang, name }) => languageOf(lang ?? '') ?? name

function offerTracks(hls, tracks) {
  const menu = at('tracks')
  const options = tracks.map(({ name, lang }, n) =>
    Object.assign(element('option', trackName(name, lang)), { value: n }),
  )
  menu.replaceChildren(...options)
  menu.value = String(Math.max(0, hls.audioTrack))
  at('sound').hidden = tracks.length < 2
}

/** The sound that was chosen last in this browser, and what is chosen from now on. */
function rememberSound(hls, tracks) {
  const wanted = tracks.find((track) => nameOfSound(track) === kept(SOUND))
  if (wanted) {
    hls.config.audioPreference = wanted
    subtitles.spoken = wanted.lang
  }
  // In place of that of a playlist which the browser could not decode.
  at('tracks').onchange = () => {
    hls.audioTrack = Number(at('tracks').value)
    const chosen = hls.audioTracks[hls.audioTrack]
    keep(SOUND, nameOfSound(chosen))
    subtitles.spoken = chosen.lang
  }
}

const masterUrl = ({ way, isSurround }) =>
  partUrl(`master-${way}${isSurround ? '-surround' : ''}.m3u8`)

/**
 * @param master address of the main playlist
 * @param onUndecoded called when the browser cannot decode it after all
 */
function playSegments(Hls, master, at, onUndecoded) {
  const hls = new Hls({ enableWorker: false, startPosition: at > 0 ? at : -1 })
  hls.once(Hls.Events.MANIFEST_PARSED, (_, { audioTracks }) => rememberSound(hls, audioTracks))
  const offer = () => offerTracks(hls, hls.audioTracks)
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, offer)
  hls.on(Hls.Events.AUDIO_TRACK_SWITCHING, offer)
  hls.on(Hls.Events.ERROR, async (_, { fatal, type, url, frag }) => {
    if (!fatal || hasFailed) return
    if (type === Hls.ErrorTypes.MEDIA_ERROR) {
      hls.destroy()
      return onUndecoded()
    }
    const refusal = await refusalOf(frag?.url ?? url ?? master)
    if (refusal === undefined) hls.startLoad()
    else fail(refusal)
  })
  hls.loadSource(master)
  hls.attachMedia(video)
}

/**
 * What the browser has said to decode; where it does not after all, what is simpler: stereo, and a picture that is encoded,
 * where the server can.
 */
function playHls(Hls, facts, { way, isSurround }) {
  const ways = [
    ...(isSurround ? [{ way, isSurround }] : []),
    { way },
    ...(way === 'copied' && facts.encoded ? [{ way: 'encoded' }] : []),
  ]
  const playNext = (at) => {
    const next = ways.shift()
    if (!next) return fail(words.watch.cannotDecode)
    doing = wordsOfSegments(facts, next.way, next.isSurround)
    playSegments(Hls, masterUrl(next), at, () => {
      playNext(video.currentTime || at)
      if (!hasFailed) say('note', doing)
    })
  }
  playNext(resume.at)
}

async function start() {
  const answer = await fetch(partUrl('film.json')).catch(() => undefined)
  if (!answer?.ok) {
    const refusal = answer ? (await answer.json()).error : undefined
    // A link to another server, or what only some browsers read: it may play as it is.
    if (refusal?.code === 'MEDIA_UNREADABLE') {
      playFile(refusalWords(refusal))
      void subtitles.addFiles(filesUrl)
      return say('note', `${refusalWords(refusal)} ${words.watch.byItself}`)
    }
    return fail(refusal ? refusalWords(refusal) : words.watch.noAnswer)
  }
  const facts = await answer.json()
  const { default: Hls } = await import('./hls.mjs')
  const isNative = !Hls.isSupported() && video.canPlayType('application/vnd.apple.mpegurl') !== ''
  const hasSegments = (type) =>
    isNative ? video.canPlayType(type) !== '' : Hls.getMediaSource().isTypeSupported(type)
  if (facts.name) {
    say('name', facts.name)
    document.title = facts.name
    offerPlayers(playUrl, facts.name)
  }
  offerChapters(video, facts.chapters)
  next.chapters = facts.chapters
  subtitles.spoken = (facts.audio.find(({ isDefault }) => isDefault) ?? facts.audio[0])?.language
  const type = isNative ? 'file' : 'media-source'
  const { way, isSurround, words: how } = await wayFor(facts, video, hasSegments, type)
  if (way === 'none') return fail(how)
  doing = how
  new TimeBar(video, stateUrl, facts)
  video.addEventListener('playing', () => {
    isPlaying = true
    if (!hasFailed) say('note', doing)
  })
  video.addEventListener('canplay', () => {
    isPlaying = true
    if (!hasFailed) say('note', doing)
  })
  void subtitles.addFiles(filesUrl)
  if (way === 'file') playFile()
  else if (isNative) video.src = masterUrl({ way, isSurround })
  else playHls(Hls, facts, { way, isSurround })
  await video.play().catch(() => undefined)
}

at('file').href = playUrl
at('copy').addEventListener('click', () => copy(playUrl, at('copy')))
offerPlayers(playUrl)
at('speed').addEventListener('change', () => {
  video.playbackRate = Number(at('speed').value)
})
listenToKeys(video, subtitles)
video.addEventListener('timeupdate', () => resume.save(video))
void tellProgress()
void next.ask()
await start()
