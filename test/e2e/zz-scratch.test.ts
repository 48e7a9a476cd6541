import { expect, test } from '@jest/globals'
import { KiB, MiB } from '../support/payload.ts'
import { ask, begin } from '../support/request.ts'
import { openStage } from '../support/stage.ts'
import { movie, playMovie } from '../support/titles.ts'
test('x', async () => {
  const out: unknown[] = []
  const stage = await openStage({ torrents: { v: { name: 'V.mkv', size: 8 * MiB, pieceLength: 64 * KiB } , bad: {name:'q.mkv', size: 100}},
    titles: ({ magnet }) => [movie('tt9000605', 'V', { magnet: magnet('v') })] , env: { LOG_LEVEL: 'debug' } })
  await stage.seeder.rate(1_000_000)
  const s = await begin(stage.server.base + playMovie('tt9000605'), { timeout: 60_000 })
  await s.read(256 * KiB); await stage.seeder.pause()
  const r = await s.rest(); out.push(r.ms, r.body.length, stage.tracker.announces())
  await stage.seeder.rate(0); await stage.seeder.resume()
  const w = await ask(stage.server.base + playMovie('tt9000605')); out.push(w.status, w.ms, w.body.length, stage.tracker.announces())
  const e = await ask(stage.server.base + '/play/movie/bad/0?token=x'); out.push(e.body.toString())
  out.push(stage.server.log().slice(-3500))
  await stage.end()
  process.stdout.write(out.map((o) => typeof o === 'string' ? o : JSON.stringify(o)).join('\n'))
  expect(1).toBe(1)
}, 120_000)
