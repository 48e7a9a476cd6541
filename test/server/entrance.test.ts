import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Fault } from '../../common/errors.ts'
import { createEntrance, type EntranceParts } from '../../server/entrance.ts'
import { faultOf, sendFault } from '../../server/http/errors.ts'
import { ask } from './ask.ts'

const PLAY = '/play/movie/tt1254207/0'

/** Who was reached, in their order. */
let reached: string[]
let server: Server
beforeEach(() => {
  reached = []
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function serving(checks: EntranceParts['checks']): Promise<number> {
  const answering =
    (name: string): RequestListener =>
    (_req, res) => {
      reached.push(name)
      res.end(name)
    }
  const play = answering('play')
  const entrance = createEntrance({
    checks,
    play: {
      async answer(req, res, { imdbId, fileIdx }) {
        reached.push(`${imdbId} ${fileIdx}`)
        play(req, res)
      },
    },
    rest: answering('rest'),
    refuse(req, res, thrown) {
      reached.push('refused')
      sendFault(req, res, faultOf(thrown))
    },
  })
  server = createServer(entrance)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const passing =
  (name: string): EntranceParts['checks'][number] =>
  (_req, _res, next) => {
    reached.push(name)
    next()
  }

describe('the way in', () => {
  test('is the same for plays and for everything else, up to who answers', async () => {
    const port = await serving([passing('first'), passing('second')])
    await ask(port, PLAY)
    await ask(port, '/manifest.json')
    expect(reached).toEqual(
      [
        ['first', 'second', 'tt1254207 0', 'play'],
        ['first', 'second', 'rest'],
      ].flat(),
    )
  })

  test('ends at the first check that throws', async () => {
    const port = await serving([
      passing('first'),
      () => {
        throw new Fault('TOKEN_MISSING')
      },
      passing('third'),
    ])
    for (const path of [PLAY, '/manifest.json']) expect((await ask(port, path)).status).toBe(403)
    expect(reached).toEqual(['first', 'refused', 'first', 'refused'])
  })

  test('ends at a check that answers', async () => {
    const port = await serving([(_req, res) => void res.writeHead(204).end(), passing('second')])
    expect((await ask(port, PLAY)).status).toBe(204)
    expect(reached).toEqual([])
  })

  test('leads a play to what the checks made of its address', async () => {
    const port = await serving([
      (req, _res, next) => {
        req.url = (req.url ?? '').slice('/t/anna'.length)
        next()
      },
    ])
    await ask(port, `/t/anna${PLAY}`)
    expect(reached).toEqual(['tt1254207 0', 'play'])
  })
})
