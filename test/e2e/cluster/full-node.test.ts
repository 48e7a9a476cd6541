import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cacheStats, errorCode } from '../../support/facts.ts'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { mountVolume, notRun, type SmallVolume } from '../../support/server/small-volume.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const IDS = { first: 'tt9150001', second: 'tt9150002', third: 'tt9150003' } as const
type Name = keyof typeof IDS
const NAMES = Object.keys(IDS) as Name[]

let stage: ClusterStage<Name>
let volume: SmallVolume | string
/** Its disk is full. */
let full: Playlink | undefined
beforeAll(async () => {
  stage = await openClusterStage<Name>(1, {
    torrents: {
      first: { name: 'first.mkv', size: 2 * MiB },
      second: { name: 'second.mkv', size: 2 * MiB },
      third: { name: 'third.mkv', size: 2 * MiB },
    },
    titles: ({ magnet }) => NAMES.map((name) => movie(IDS[name], name, { magnet: magnet(name) })),
  })
  volume = await mountVolume(join(stage.folder, 'volume'), 'size=3m')
  if (typeof volume === 'string') return
  const { end } = volume
  stage.own(end)
  full = await stage.join({ CACHE_DIR: join(volume.dir, 'cache') })
  await volume.fill()
})
afterAll(() => stage?.end())

const other = (): Playlink => stage.nodes[0] as Playlink
const plays = async ({ base }: Playlink, name: Name): Promise<[number, boolean]> => {
  const { status, body } = await ask(base + playMovie(IDS[name]))
  return [status, body.equals(stage.torrents[name].content)]
}

test('what does not fit on a full node is fetched by another one, whichever is asked first', async () => {
  if (!full) return notRun('a node whose disk is full', String(volume))
  const node = full
  const log = () => node.log() + other().log()
  await eventually('both know each other', () => log().match(/a node has come/g)?.length === 2)
  await eventually('it knows that it is full', async () => {
    const { disk } = await cacheStats(node.base)
    return disk.maxBytes < MiB
  })
  expect(await plays(node, 'first')).toEqual([200, true])
  expect(await Promise.all([plays(node, 'second'), plays(other(), 'second')])).toEqual([
    [200, true],
    [200, true],
  ])
  expect((await cacheStats(other().base)).files.count).toBe(2)
  expect(await stage.seeder.uploaded(stage.torrents.first.infoHash)).toBeLessThan(2.2 * MiB)
})

test('alone it says that it has no room', async () => {
  if (!full) return notRun('a node whose disk is full', String(volume))
  await other().stop()
  const { status, body } = await ask(full.base + playMovie(IDS.third))
  expect([status, errorCode(body)]).toEqual([507, 'DOES_NOT_FIT'])
})
