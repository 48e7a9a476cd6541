import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openStage, type Stage } from '../support/server/stage.ts'
import type { TorrentPlan } from '../support/swarm/torrent.ts'
import { movie, playMovie } from '../support/titles.ts'
import { freePort } from '../torrent/engines.ts'
import { Cell, type Outcome } from './cell.ts'
import { clients } from './clients/all-clients.ts'
import type { Client } from './clients/client.ts'
import { type Situation, situations } from './situations.ts'
import { failureOf, InteropTable, NOT_THERE, textOf } from './table.ts'
import { UploadingEngine } from './uploading-engine.ts'

/**
 * Each client in each situation: `npm run test:interop`. A plain `npm test` has the first client, which
 * is there wherever the tests run, in the situations that are quick.
 */
const isWhole = process.env.INTEROP !== undefined
const chosen = isWhole ? clients : clients.slice(0, 1)
const table = new InteropTable()

const idOf = (situation: Situation): string => `tt960${1000 + situations.indexOf(situation)}`

/** What a client cannot, or that it is not there; undefined: to be tried. */
function cannot(client: Client, { needs }: Situation): string | undefined {
  if (client.version() === undefined) return NOT_THERE
  return needs && client.lacks[needs]
}

async function stageFor(
  client: Client,
  ourPort: number,
  portOfSix: number,
): Promise<Stage<string>> {
  const plans = situations.map(({ name, size, pieceLength }): readonly [string, TorrentPlan] => [
    name,
    { name: `${client.name} ${name}.mkv`, size, pieceLength },
  ])
  return openStage<string>({
    torrents: Object.fromEntries(plans),
    titles: ({ magnet }) =>
      situations.map((situation) => {
        const named = situation.needs === 'ipv6' ? `&x.pe=[::1]:${portOfSix}` : ''
        return movie(idOf(situation), situation.name, { magnet: magnet(situation.name) + named })
      }),
    env: {
      OUTBOUND_ALLOW: '127.0.0.0/8,::1',
      TORRENT_PORT: String(ourPort),
      // Clients of one machine would find each other, and a cell has only the peers that it names.
      PEX: 'off',
    },
  })
}

describe.each(chosen)('$name', (client) => {
  const wanted = situations.filter(({ isQuick }) => isWhole || isQuick)
  const tried = wanted.filter((situation) => cannot(client, situation) === undefined)
  let stage: Stage<string> | undefined
  let engine: UploadingEngine | undefined
  afterAll(async () => {
    if (process.env.INTEROP === 'write') table.write(clients, new Date().toISOString().slice(0, 10))
    await engine?.close()
    await stage?.end()
  })
  const noteWhatCannotBe = (): void => {
    for (const situation of wanted) {
      const reason = cannot(client, situation)
      if (reason) table.note(client, situation.name, reason)
    }
  }
  if (tried.length === 0) {
    test('is not there', () => {
      noteWhatCannotBe()
      expect(client.version()).toBeUndefined()
    })
    return
  }

  let [ourPort, portOfSix] = [0, 0]
  beforeAll(async () => {
    noteWhatCannotBe()
    ourPort = await freePort()
    portOfSix = await freePort()
    stage = await stageFor(client, ourPort, portOfSix)
    engine = await UploadingEngine.start()
  })

  test.each(tried)('$name: $what', async (situation) => {
    const film = stage?.torrents[situation.name]
    if (!stage || !engine || !film) throw new Error(`no film for ${situation.name}`)
    const url = stage.server.base + playMovie(idOf(situation))
    const cell = new Cell({ stage, engine, client, film, url, ourPort, portOfSix })
    const outcome: Outcome | Error = await situation
      .run(cell)
      .finally(() => cell.end())
      .catch((error: Error) => error)
    const isError = outcome instanceof Error
    table.note(client, situation.name, isError ? failureOf(outcome) : textOf(outcome))
    if (isError) throw outcome
    expect(outcome).toBeDefined()
  })
})
