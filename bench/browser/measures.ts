import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHls } from '../../test/support/clients/hls.ts'
import { cacheStats } from '../../test/support/facts.ts'
import { ffprobe } from '../../test/support/films/make-film.ts'
import { logLines, type Playlink } from '../../test/support/server/playlink.ts'
import { playMovie } from '../../test/support/titles.ts'
import { eventually, sleep } from '../../test/support/wait.ts'
import { processFigures } from '../streaming/process-figures.ts'
import { median } from '../streaming/report.ts'
import { bytesOf, firstByte, type Started, seekTo, startFilm, watch } from './hls-client.ts'
import { memoryOf } from './memory.ts'

/** Figures of one run, by their names in the table. */
export type Figures = Readonly<Record<string, number>>

export const LONG = 'tt9007001'
export const OLD = 'tt9007002'
/** Where a jump goes that has not arrived: a share of the film. */
const FAR = 0.85
const JUMPS = 10
const WATCHED = 6
export const VIEWERS = 20
const REREAD = 20
/** Each part has minutes of the long film for itself, so that nothing of it was made before. */
export const MINUTES = {
  viewers: 0,
  one: VIEWERS,
  memory: VIEWERS + 1,
  jumps: VIEWERS + 2,
  all: 28,
}
const PER_MINUTE = 10

const hlsOf = ({ base }: Playlink, id: string): string => `${base}/hls/movie/${id}/0/`

/** @throws Error a head and its first segment are nothing that a decoder takes */
async function expectDecodable(folder: string, { parts }: Started): Promise<void> {
  for (const [n, part] of parts.entries()) {
    const path = join(folder, `started-${n}.mp4`)
    await writeFile(path, part)
    const args = ['-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', path]
    if (!(Number.parseInt(await ffprobe(...args), 10) > 0)) throw new Error(`${path}: no frame`)
  }
}

/** A film that nobody has asked for yet and a jump in it, read as it is. */
export async function plainStart({ base }: Playlink, id: string, size: number): Promise<Figures> {
  const url = base + playMovie(id)
  return {
    'start, plain: first byte (ms)': await firstByte(url, 0),
    'jump to what has not arrived, plain: first byte (ms)': await firstByte(
      url,
      Math.floor(size * FAR),
    ),
  }
}

/** The same of another such film, made ready for a browser. */
export async function convertedStart(
  server: Playlink,
  id: string,
  folder: string,
): Promise<Figures> {
  const started = await startFilm(hlsOf(server, id))
  const { film, ms } = started
  const far = Math.floor(film.video.segments.length * FAR)
  const jump = await seekTo(film, far)
  await expectDecodable(folder, started)
  return {
    'start, converted: first picture and sound (ms)': ms,
    'jump to what has not arrived, converted (ms)': jump,
  }
}

/** Jumps to places that are here and that nobody has watched. */
export async function jumps(server: Playlink): Promise<Figures> {
  const { film } = await startFilm(hlsOf(server, LONG))
  const all: number[] = []
  const first = MINUTES.jumps * PER_MINUTE
  for (let n = 0; n < JUMPS; n++) all.push(await seekTo(film, first + 3 * n))
  return { 'jump to what has arrived (ms)': median(all) }
}

/** Viewers at 1x, each of a minute of its own, who begin one after the other within a segment's length. */
export async function watching(server: Playlink, viewers: number): Promise<Figures> {
  const { film } = await startFilm(hlsOf(server, LONG))
  const minute = viewers === 1 ? MINUTES.one : MINUTES.viewers
  const cpu = processFigures(server.pid).cpu
  const since = performance.now()
  const all = await Promise.all(
    Array.from({ length: viewers }, async (_, n) => {
      await sleep((n * 6000) / viewers)
      // The first segment of all is there: each part begins with it.
      return watch(film, (minute + n) * PER_MINUTE + 1, WATCHED)
    }),
  )
  const seconds = (performance.now() - since) / 1000
  const shown = all.reduce((sum, one) => sum + one.seconds, 0)
  const cores = (processFigures(server.pid).cpu - cpu) / shown
  const who = viewers === 1 ? 'one viewer at 1x' : `${viewers} viewers at 1x`
  return {
    [`${who}: cores a viewer`]: cores,
    ...(viewers > 1 && {
      [`${who}: segments too late`]: all.reduce((sum, { late }) => sum + late, 0),
      [`${who}: longest stop (s)`]: Math.max(...all.map(({ waited }) => waited)),
      [`${who}: cores in all`]: (cores * shown) / seconds,
    }),
  }
}

/** Processor time of the first and of the second viewer of each segment, and of as many plain bytes; ms. */
export async function secondViewer(server: Playlink): Promise<Figures> {
  const { film } = await startFilm(hlsOf(server, LONG))
  const cost = async (urls: readonly string[]) => {
    const before = processFigures(server.pid).cpu
    let bytes = 0
    for (const url of urls) bytes += (await bytesOf(url)).length
    // Keeping is waited for by nobody, so it is not over yet.
    await sleep(500)
    return { ms: ((processFigures(server.pid).cpu - before) * 1000) / urls.length, bytes }
  }
  const plain = async (bytes: number) => {
    const before = processFigures(server.pid).cpu
    for (let n = 0; n < REREAD; n++) {
      const range = `bytes=${n * bytes}-${(n + 1) * bytes - 1}`
      await (
        await fetch(server.base + playMovie(LONG), { headers: { Range: range } })
      ).arrayBuffer()
    }
    return ((processFigures(server.pid).cpu - before) * 1000) / REREAD
  }
  const made = async () => (await cacheStats(server.base)).plays.conversions?.reread ?? 0
  const figures: Record<string, number> = {}
  for (const [what, rendition] of [
    ['sound', film.audio[0]],
    ['picture', film.video],
  ] as const) {
    // At the end, where nobody else has watched.
    const urls = rendition?.segments.slice(-REREAD - 1, -1) ?? []
    const first = await cost(urls)
    const before = await made()
    const second = await cost(urls)
    figures[`segment of ${what}, first viewer: CPU (ms)`] = first.ms
    figures[`segment of ${what}, second viewer: CPU (ms)`] = second.ms
    figures[`segment of ${what}, as many plain bytes: CPU (ms)`] = await plain(
      Math.ceil(second.bytes / REREAD),
    )
    figures[`segments of ${what} that the second viewer had read, of ${REREAD}`] =
      (await made()) - before
  }
  return figures
}

/** Of a server that has done nothing yet: what one job makes it take, and a viewer, whose player asks for several at once. */
export async function jobMemory(server: Playlink): Promise<Figures> {
  const first = MINUTES.memory * PER_MINUTE
  const job = await memoryOf(server.pid, async () => {
    const film = await openHls(hlsOf(server, LONG))
    await bytesOf(film.audio[0]?.segments[first] ?? '')
  })
  const viewer = await memoryOf(server.pid, async () => {
    const { film } = await startFilm(hlsOf(server, LONG))
    for (let n = 1; n < WATCHED; n++) await seekTo(film, first + n)
  })
  return {
    'memory of a job, the server with its thread (MiB)': job.server,
    'memory of a job, ffmpeg (MiB)': job.ffmpeg,
    'memory of a job, together (MiB)': job.server + job.ffmpeg,
    'memory of the first viewer beyond that (MiB)': viewer.server,
  }
}

/** A server with BROWSER=video: pictures that no browser plays, one segment after the other. */
export async function encoding(server: Playlink): Promise<Figures> {
  const said = await eventually(
    'what is encoded',
    () => logLines(server.log()).find(({ msg }) => msg?.startsWith('BROWSER=video'))?.msg,
    120_000,
  )
  const { film } = await startFilm(hlsOf(server, OLD))
  const { segments, lengths } = film.video
  const before = processFigures(server.pid).cpu
  const since = performance.now()
  let shown = 0
  for (let n = 1; n < segments.length; n++) {
    await bytesOf(segments[n] ?? '')
    shown += lengths[n] ?? 0
  }
  return {
    'encoded: lines': Number(/at (\d+)p/.exec(said)?.[1]),
    'encoded: CPU a second of film (s)': (processFigures(server.pid).cpu - before) / shown,
    'encoded: times as fast as it is watched': shown / ((performance.now() - since) / 1000),
  }
}
