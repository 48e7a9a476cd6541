import { freePort as anyFreePort, portIsFree } from '../../demo/free-port.ts'

/** A port of loopback for a program that cannot be told to take any; the bus of a Redis cluster is 10,000 above. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await anyFreePort()
    if (await portIsFree(port + 10_000)) return port
  }
}
