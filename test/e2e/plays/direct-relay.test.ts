import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { payload } from '../../support/swarm/payload.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { fixed, startWeb, type Web } from '../../support/web.ts'

const ID = 'tt9000551'
const FILM = payload('a film of another server', 300_001)

let stage: Stage<never>
let web: Web

beforeAll(async () => {
  web = await startWeb(fixed({ '/film.mp4': FILM }))
  stage = await openStage({
    titles: () => [movie(ID, 'Direct', { url: `${web.base}/film.mp4` })],
    env: { DIRECT: 'relay' },
  })
  stage.own(() => web.close())
})
afterAll(() => stage.end())

test('with DIRECT=relay a link without a key is played through this server, and not shown', async () => {
  const { base } = stage.server
  const film = await ask(base + playMovie(ID))
  expect([film.status, film.headers.location]).toEqual([200, undefined])
  expect(film.body.equals(FILM)).toBe(true)
  const list = (await ask(base + streamsOf(ID))).body.toString()
  expect(list).toContain('/play/movie/')
  expect(list).not.toContain(new URL(web.base).host)
})
