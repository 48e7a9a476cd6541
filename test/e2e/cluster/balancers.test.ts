import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ClusterStage, openClusterStage } from '../../support/server/cluster.ts'
import { startHaproxy, startNginxBalancer } from '../../support/server/nginx.ts'
import { type Env, logLines, type Playlink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { MiB, sha256 } from '../../support/swarm/payload.ts'
import { movie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

interface Balancer {
  readonly name: string
  readonly start: (
    folder: string,
    ports: readonly number[],
  ) => Promise<{ readonly base: string; stop(): Promise<void> }>
  readonly env: Env
}

const balancers: readonly Balancer[] = [
  { name: 'nginx', start: startNginxBalancer, env: { SENDFILE: 'nginx' } },
  { name: 'haproxy', start: startHaproxy, env: {} },
]
const FILMS = [1, 2, 3, 4].map((n) => `tt916000${n}`)
const SUBTITLE = '1\n00:00:01,000 --> 00:00:02,000\nHello\n'

describe.each(balancers)('deploy/cluster: $name before three nodes', ({ start, env }) => {
  let stage: ClusterStage<string>
  let base: string
  const urls: string[] = []
  beforeAll(async () => {
    const files = { 'Film.mkv': 2 * MiB + 5, 'Film.en.srt': Buffer.from(SUBTITLE) }
    const torrents = Object.fromEntries(FILMS.map((id) => [id, { name: id, files }]))
    stage = await openClusterStage(3, {
      torrents,
      titles: ({ magnet }) => FILMS.map((id) => movie(id, id, { magnet: magnet(id) })),
      env: { TRUST_PROXY: 'loopback', ...env },
    })
    const balancer = await start(
      stage.folder,
      stage.nodes.map(({ port }) => port),
    )
    base = balancer.base
    stage.own(() => balancer.stop())
    await eventually('the nodes know each other', () =>
      stage.nodes.every(({ log }) => (log().match(/a node has come/g)?.length ?? 0) >= 2),
    )
  })
  afterAll(() => stage?.end())

  const content = (id: string): Buffer => stage.torrents[id]?.files[0]?.bytes as Buffer
  /** Which nodes have answered so many plays. */
  const playsOf = ({ log }: Playlink): number =>
    logLines(log()).filter(({ msg }) => msg === 'played').length

  test('manifest and lists are one, whichever node answers: the same numbers, keys and addresses', async () => {
    const host = new URL(base).host
    const direct = { headers: { 'x-forwarded-host': host, 'x-forwarded-proto': 'http' } }
    for (const path of ['/manifest.json', ...FILMS.map(streamsOf)]) {
      const bodies = new Set([(await ask(base + path)).body.toString()])
      for (const node of stage.nodes)
        bodies.add((await ask(node.base + path, direct)).body.toString())
      expect([path, bodies.size]).toEqual([path, 1])
    }
    for (const id of FILMS) {
      const { streams } = (await ask(base + streamsOf(id))).json() as { streams: { url: string }[] }
      expect(streams[0]?.url).toMatch(/\?s=/)
      urls.push(`${streams[0]?.url}`)
    }
  })

  test('every node gives the same bytes, ETag and subtitles of a source', async () => {
    for (const [i, url] of urls.entries()) {
      const id = `${FILMS[i]}`
      for (let again = 0; again < 3; again++) {
        const before = stage.nodes.map(playsOf)
        const answer = await ask(url)
        expect([answer.status, sha256(answer.body)]).toEqual([200, sha256(content(id))])
        await eventually('its line', () =>
          stage.nodes.some((node, n) => playsOf(node) > (before[n] ?? 0)),
        )
      }
      const etags = new Set([(await ask(url, { method: 'HEAD' })).headers.etag])
      const path = url.slice(base.length)
      for (const node of stage.nodes) {
        const direct = await ask(node.base + path)
        expect(sha256(direct.body)).toBe(sha256(content(id)))
        etags.add(direct.headers.etag)
      }
      expect(etags.size).toBe(1)
      const [where = '', query = ''] = path.replace('/play/', '/subtitles/').split('?')
      const texts = new Set<string>()
      for (const at of [base, ...stage.nodes.map((node) => node.base)]) {
        const track = await ask(`${at}${where}/1.vtt?${query}`)
        expect([at, track.status]).toEqual([at, 200])
        texts.add(track.body.toString())
      }
      expect([...texts]).toEqual([expect.stringContaining('Hello')])
    }
    const { tracker, torrents } = stage
    expect(FILMS.map((id) => tracker.starts(`${torrents[id]?.infoHash}`) >= 1)).not.toContain(false)
  }, 120_000)

  test('a node dies: every play and list still answers; another stops: they go on doing so', async () => {
    await (stage.nodes[0] as Playlink).kill()
    for (const [i, url] of urls.entries()) {
      const answer = await ask(url)
      expect([answer.status, sha256(answer.body)]).toEqual([200, sha256(content(`${FILMS[i]}`))])
      expect((await ask(base + streamsOf(`${FILMS[i]}`))).status).toBe(200)
    }
    const stopping = (stage.nodes[1] as Playlink).stop()
    // haproxy passes a request on once: with two gone, one of them has to be known to be gone (/ready).
    for (const [i, url] of urls.entries()) {
      await eventually('the play', async () => {
        const { status, body } = await ask(url)
        return status === 200 && sha256(body) === sha256(content(`${FILMS[i]}`))
      })
    }
    await stopping
  }, 120_000)

  test('a stranger cannot speak as the proxy', async () => {
    const asked = await ask(`${urls[0]}`, {
      headers: { 'X-Sendfile-Type': 'X-Accel-Redirect', 'X-Forwarded-Prefix': '/evil' },
    })
    expect(asked.headers).not.toHaveProperty('x-playlink-handed')
    expect(asked.headers).not.toHaveProperty('x-accel-redirect')
    expect(sha256(asked.body)).toBe(sha256(content(`${FILMS[0]}`)))
  })
})
