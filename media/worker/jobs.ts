import { type EncodedPacket, EncodedPacketSink, type InputAudioTrack } from 'mediabunny'
import { openAvi } from '../avi/avi-film.ts'
import { aviPictures } from '../avi/avi-pictures.ts'
import { aviSound } from '../avi/avi-sound.ts'
import { Unplayable } from '../film/unplayable.ts'
import { aacInit, aacSegment } from '../fragments/converted-sound.ts'
import { encodedInit, encodedSegment } from '../fragments/encoded-pictures.ts'
import { fragmentOf, type Stream } from '../fragments/fragment.ts'
import { wantOnly } from '../matroska/matroska-cuts.ts'
import { placedFor } from '../matroska/matroska-grid.ts'
import { matroskaOf, type WrappedTrack } from '../matroska/matroska-packets.ts'
import { audioPackets, shownPackets, videoPackets } from './cut.ts'
import { audioOf, openFilm, timelineOf, videoOf } from './open-film.ts'
import { type ShownPackets, wrapPictures, wrapped } from './pictures.ts'
import type { PortBytes } from './port-bytes.ts'
import { probeFilm } from './probe-film.ts'
import type { Job, Packets, Pictures } from './protocol.ts'
import { soundOf } from './sounds.ts'
import { textSegment, wholeText } from './text-jobs.ts'
import { decoderConfigOf } from './true-height.ts'

type JobOf<Kind extends Job['kind']> = Extract<Job, { readonly kind: Kind }>

/** @throws Unplayable, and Error for a broken file */
export function doJob(job: Job, bytes: PortBytes): Promise<unknown> {
  switch (job.kind) {
    case 'probe':
      return probeFilm(bytes)
    case 'videoInit':
      return videoInit(bytes)
    case 'video':
      return videoSegment(job, bytes)
    case 'pictures':
      return pictures(job, bytes)
    case 'encoded':
      return encodedSegment(job)
    case 'encodedInit':
      return encodedInit(job.matroska)
    case 'audioInit':
      return audioInit(job, bytes)
    case 'audio':
      return audioSegment(job, bytes)
    case 'packets':
      return packets(job, bytes)
    case 'text':
      return textSegment(job, bytes)
    case 'wholeText':
      return wholeText(job, bytes)
    case 'aacInit':
      return aacInit(job.channels)
    case 'aac':
      return aacSegment(job)
  }
}

async function videoStream(input: ReturnType<typeof openFilm>) {
  const track = await videoOf(input)
  const config = await track.getDecoderConfig()
  if (!track.codec || !config) throw new Unplayable('The picture of this file could not be read.')
  return { track, stream: { kind: 'video', codec: track.codec, config } as const }
}

async function videoInit(bytes: PortBytes): Promise<Uint8Array> {
  using input = openFilm(bytes)
  const { track, stream } = await videoStream(input)
  const first = await new EncodedPacketSink(track).getFirstKeyPacket()
  const config = await decoderConfigOf(track)
  if (!first || !config) throw new Unplayable('This file has no picture.')
  return headOf({ ...stream, config, rotation: await track.getRotation() }, first)
}

/**
 * The head of all segments, from any packet. Of one below zero, as AAC in MP4 begins, it would say that all of them are to be
 * played that much earlier.
 */
async function headOf(stream: Stream, first: EncodedPacket): Promise<Uint8Array> {
  return (await fragmentOf(stream, [first.clone({ timestamp: 0 })])).init
}

async function videoSegment(job: JobOf<'video'>, bytes: PortBytes): Promise<Uint8Array> {
  const film = await placedFor(bytes, job)
  using input = openFilm(film)
  const { track, stream } = await videoStream(input)
  await wantOnly(film, track, job)
  const cut = await videoPackets(track, job, await timelineOf(input, job.isIndexed))
  return (await fragmentOf(stream, cut)).segment
}

async function pictures(job: JobOf<'pictures'>, bytes: PortBytes): Promise<Pictures> {
  const avi = await openAvi(bytes)
  if (avi) {
    const { packets, from, to, isCounted, ...track } = await aviPictures(avi, job)
    return wrapped(track, { packets, from, to }, isCounted)
  }
  using input = openFilm(await placedFor(bytes, job))
  const video = await videoOf(input)
  const shown = await shownPackets(video, job, await timelineOf(input, job.isIndexed))
  // Awaited: it may read on, and the film is closed behind it.
  return await wrapPictures(video, shown, bytes)
}

async function audioStream(track: InputAudioTrack): Promise<Stream> {
  const config = await track.getDecoderConfig()
  if (track.codec !== 'aac' || !config) throw new Error('only AAC is copied')
  return { kind: 'audio', codec: track.codec, config }
}

async function audioInit(job: JobOf<'audioInit'>, bytes: PortBytes): Promise<Uint8Array> {
  using input = openFilm(bytes)
  const track = await audioOf(input, job.track)
  const first = await new EncodedPacketSink(track).getFirstPacket()
  if (!first) throw new Error('the audio track is empty')
  return headOf(await audioStream(track), first)
}

async function audioSegment(job: JobOf<'audio'>, bytes: PortBytes): Promise<Uint8Array> {
  const film = await placedFor(bytes, job)
  using input = openFilm(film)
  const track = await audioOf(input, job.track)
  await wantOnly(film, track, job)
  const timeline = await timelineOf(input, job.isIndexed)
  const cut = await audioPackets(track, job, timeline)
  return (await fragmentOf(await audioStream(track), cut)).segment
}

async function packets(job: JobOf<'packets'>, bytes: PortBytes): Promise<Packets> {
  const avi = await openAvi(bytes)
  if (avi) return wrappedSound(await aviSound(avi, job.track, job))
  const film = await placedFor(bytes, job)
  using input = openFilm(film)
  const track = await audioOf(input, job.track)
  await wantOnly(film, track, { ...job, isLast: false })
  const timeline = await timelineOf(input, job.isIndexed)
  const cut = await audioPackets(track, { ...job, isLast: false }, timeline, true)
  return wrappedSound({ ...(await soundOf(track, bytes)), packets: cut })
}

function wrappedSound({
  packets: cut,
  ...track
}: WrappedTrack & Pick<ShownPackets, 'packets'>): Packets {
  const at = cut[0]?.timestamp
  if (at === undefined) return { matroska: new Uint8Array(), at }
  const packed = cut.map(({ timestamp, data }) => ({ at: timestamp - at, data }))
  return { matroska: new Uint8Array(matroskaOf(track, packed)), at }
}
