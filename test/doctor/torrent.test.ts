import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { torrentChecks } from '../../doctor/torrent-checks.ts'
import { freePort } from '../support/free-port.ts'
import { listen } from '../support/server/listening.ts'
import { startUdpTracker } from '../support/swarm/udp-tracker.ts'
import { startWeb } from '../support/web.ts'
import { like, runAll, setupOf } from './setup.ts'

const ask = (env: Readonly<Record<string, string>>) => runAll(torrentChecks(setupOf(env)))
const off = like('ok', 'off')

test('trackers are greeted, and asked for no torrent', async () => {
  const web = await startWeb()
  const udp = await startUdpTracker([])
  const good = `udp://127.0.0.1:${udp.port} ${web.base}/announce`
  expect(await ask({ TRACKERS: good })).toEqual([like('ok', 'answers'), like('ok', 'answers'), off])
  expect([udp.announces, web.requests]).toEqual([0, ['GET /announce']])
  await udp.close()
  await web.close()
  const bad = `${good} udp://tracker.invalid:1/announce`
  expect(await ask({ TRACKERS: bad })).toEqual([
    like('warning', 'ECONNREFUSED', 'Nothing listens there'),
    like('warning', 'ECONNREFUSED', 'Nothing listens there'),
    like('warning', 'ENOTFOUND', 'mend TRACKERS'),
    off,
  ])
  expect(await ask({ TRACKERS: good, OUTBOUND_ALLOW: '127.0.0.9' })).toEqual([
    like('warning', 'not an allowed address', `OUTBOUND_ALLOW=127.0.0.1:${udp.port}`),
    like('warning', 'not an allowed address', `OUTBOUND_ALLOW=127.0.0.1:${web.port}`),
    off,
  ])
})

test('a UDP tracker that refuses, and one that speaks of something else first', async () => {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    socket.send(Buffer.alloc(20), from.port, from.address)
    const refusal = Buffer.concat([Buffer.from([0, 0, 0, 3]), message.subarray(12, 16)])
    socket.send(Buffer.concat([refusal, Buffer.from('go away')]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  expect(await ask({ TRACKERS: `udp://127.0.0.1:${socket.address().port}` })).toEqual([
    like('warning', 'go away', 'take it out of TRACKERS'),
    off,
  ])
  socket.close()
})

test('a list of trackers', async () => {
  let status = 200
  const web = await startWeb((_req, res) => void res.writeHead(status).end('udp://a.example:1'))
  expect(await ask({ TRACKERS: `${web.base}/list` })).toEqual([like('ok', 'list'), off])
  status = 404
  expect(await ask({ TRACKERS: `${web.base}/list` })).toEqual([
    like('fault', 'status 404', 'mend it in TRACKERS'),
    off,
  ])
  await web.close()
})

test('the nodes that the DHT begins with need an address that may be asked', async () => {
  const dht = (DHT_BOOTSTRAP: string, more = {}) => ask({ DHT: 'on', DHT_BOOTSTRAP, ...more })
  expect(await dht('127.0.0.1:1 node.invalid:2')).toEqual([like('ok', '1 of 2 nodes')])
  expect(await dht('node.invalid:2')).toEqual([like('fault', 'ENOTFOUND', 'set DHT=off')])
  expect(await dht('127.0.0.1:1', { OUTBOUND_ALLOW: '127.0.0.9' })).toEqual([
    like('fault', 'not an allowed address', 'OUTBOUND_ALLOW=127.0.0.1:1'),
  ])
  expect(await ask({ DHT: 'on' })).toEqual([like('fault', 'none of its 3', 'set DHT=off')])
})

test('behind a proxy only the proxy is asked', async () => {
  let method = 0
  const proxy = createServer((socket) => {
    socket.on('data', () => socket.end(Buffer.from([5, method])))
  })
  const port = await listen(proxy)
  const env = {
    ...{ DHT: 'on', TRACKERS: 'udp://tracker.invalid:1' },
    TORRENT_PROXY: `socks5://127.0.0.1:${port}`,
  }
  const skipped = like('ok', 'the engine leaves by TORRENT_PROXY')
  expect(await ask(env)).toEqual([like('ok', `127.0.0.1:${port} answers`), skipped, skipped])
  method = 0xff
  const [refused] = await ask(env)
  expect(refused).toEqual(like('fault', 'signed in to in another way', 'Downloads wait'))
  proxy.close()
  const [away] = await ask({ TORRENT_PROXY: `socks5://127.0.0.1:${await freePort()}` })
  expect(away).toEqual(like('fault', 'ECONNREFUSED', 'Nothing listens there'))
})
