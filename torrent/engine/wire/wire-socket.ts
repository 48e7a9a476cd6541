import { connect, type Socket } from 'node:net'
import { readPause } from '../swarm/read-pause.ts'
import type { PeerAddress } from './peer-address.ts'

/**
 * Every socket of this process reads into this one buffer: what was read is parsed before the next
 * read begins, so no read allocates a buffer.
 */
const sharedReadBuffer = Buffer.allocUnsafeSlow(256 * 1024)

/**
 * Opens a TCP connection.
 * @param read gets what was read; the bytes are valid during the call only
 */
export function openWireSocket({ host, port }: PeerAddress, read: (bytes: Buffer) => void): Socket {
  const readOn = (): void => void socket.resume()
  const callback = (length: number): boolean => {
    read(sharedReadBuffer.subarray(0, length))
    if (readPause.isPaused) readPause.whenOver(readOn)
    return !readPause.isPaused
  }
  const onread = { buffer: sharedReadBuffer, callback }
  const socket = connect({ host, port, noDelay: true, onread })
  return socket
}
