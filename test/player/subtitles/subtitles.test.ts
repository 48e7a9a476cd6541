import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { buildTorrent } from '../../support/swarm/torrent.ts'
import { createBench, eventually, magnetOf, movie, PIECE, sourceOf } from '../fakes.ts'

const srt = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHello\n')
const pack = buildTorrent({
  name: 'Film',
  pieceLength: PIECE,
  files: { 'Film.mp4': PIECE * 3, 'Film.srt': srt },
})
const open = () =>
  createBench({
    torrents: [pack],
    sources: [sourceOf(magnetOf(pack))],
    wantedFile: async (_files, _title, { fileIdx }) => fileIdx ?? 0,
  })
const asked = (signal: AbortSignal) => ({
  ...{ title: movie, number: 0, sourceKey: undefined },
  ...{ track: '1', signal },
})

describe('a subtitle file of a torrent', () => {
  test('whoever leaves before it came takes the download along', async () => {
    const bench = open()
    const gone = new AbortController()
    const text = bench.player.subtitles.text(asked(gone.signal))
    await eventually('it is fetched', () => bench.engine.opened.length === 1)
    text.catch(() => {})
    gone.abort(new Error('gone'))
    // Long before the deadline of 5 s.
    await eventually('all given back', bench.isIdle)
    await expect(text).rejects.toThrow()
  })

  test('comes as WebVTT, and nothing stays pinned', async () => {
    const bench = open()
    const text = bench.player.subtitles.text(asked(new AbortController().signal))
    await eventually('it is fetched', () => bench.engine.opened.length === 1)
    bench.engine.opened[0]?.finish()
    expect((await text).text).toContain('00:00:01.000 --> 00:00:02.000\nHello')
    await eventually('all given back', bench.isIdle)
  })
})

test('a subtitle file of the operator’s own that is too large is not one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-subtitles-'))
  const path = join(folder, 'Film.mp4')
  await writeFile(path, 'film')
  await writeFile(join(folder, 'Film.srt'), Buffer.alloc((2 << 20) + 1))
  const source = sourceOf({ kind: 'path', path })
  const { player } = createBench({ sources: [source] })
  const [track] = await player.subtitles.tracks(movie, source)
  const request = { ...asked(new AbortController().signal), track: track?.id ?? '' }
  await expect(player.subtitles.text(request)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await rm(folder, { recursive: true })
})
