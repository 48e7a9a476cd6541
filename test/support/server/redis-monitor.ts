import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** `+1339518083.107412 [0 127.0.0.1:60866] "get" "key"`; scripts' calls come from `lua`. */
const LINE = /^\+[\d.]+ \[\d+ (\S+)\] (.*)$/

/**
 * What Redis is sent from now on, a command a line, without what its scripts do inside.
 * A connection of our own: when a command is told in the same packet as the answer to MONITOR,
 * ioredis 6 takes it for an answer that nobody asked for, and emits an error.
 */
export async function monitor(port: number, password?: string) {
  const socket = connect(port, '127.0.0.1')
  const lines = createInterface({ input: socket })
  const sent: string[] = []
  let started = (): void => {}
  const watching = new Promise<void>((resolve) => {
    started = resolve
  })
  const commands = [...(password === undefined ? [] : [`AUTH ${password}`]), 'MONITOR']
  let answers = 0
  lines.on('line', (line) => {
    const [, source, command = ''] = LINE.exec(line) ?? []
    if (source === undefined && ++answers === commands.length) started()
    if (source !== undefined && source !== 'lua') sent.push(command.replaceAll('"', ''))
  })
  socket.write(`${commands.join('\r\n')}\r\n`)
  await Promise.race([
    watching,
    once(socket, 'close').then(() => Promise.reject(new Error('Redis has gone'))),
  ])
  return {
    sent: sent as readonly string[],
    end: (): void => {
      lines.close()
      socket.destroy()
    },
  }
}
