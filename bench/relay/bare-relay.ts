// The least that Node does for a relay, to tell how far ours is from that. Arguments: which, and the port to
// ask. `loop`: socket to socket through one buffer that is used again; `pipe`: `stream.pipe` from socket to
// socket; `http`: Node's server and client, piped. Nobody is checked, counted or waited for. Prints its port.

import { Agent, createServer as createHttp, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

const [which, port] = [process.argv[2], Number(process.argv[3])]
const host = '127.0.0.1'
const buffer = Buffer.allocUnsafeSlow(256 * 1024)

function loop(viewer: Socket): void {
  const taken = (): void => void holder.resume()
  const callback = (length: number): boolean => {
    viewer.write(buffer.subarray(0, length), taken)
    return false
  }
  const holder = connect({ host, port, onread: { buffer, callback } })
  viewer.pipe(holder)
  holder.on('error', () => {}).on('close', () => viewer.destroy())
}

function pipe(viewer: Socket): void {
  const holder = connect({ host, port })
  viewer.pipe(holder).pipe(viewer)
  holder.on('error', () => {}).on('close', () => viewer.destroy())
}

const agent = new Agent({ keepAlive: false })
const http = (): Server =>
  createHttp((req, res) => {
    const { range } = req.headers
    const headers = range ? { range } : {}
    const asked = request({ host, port, path: req.url, agent, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(res)
    })
    res.on('close', () => asked.destroy())
    asked.on('error', () => res.destroy()).end()
  })

const server =
  which === 'http' ? http() : createServer({ noDelay: true }, which === 'loop' ? loop : pipe)
server.on('connection', (viewer) => viewer.on('error', () => {}))
server.listen(0, host, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
