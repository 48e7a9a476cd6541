import { report } from 'node:process'

/** What a server without connections has open, and a few films. */
const FOR_OTHERS = 64
/** However few descriptors there are: a server that nobody can reach is of no use. */
const FEWEST = 16

/** How many connections may be open together, of so many descriptors: a quarter stays for films and the rest. */
export const connectionsWithin = (descriptors: number): number =>
  Math.max(FEWEST, Math.floor(((descriptors - FOR_OTHERS) * 3) / 4))

/** Files and sockets that this process may have open (getrlimit(2), RLIMIT_NOFILE); undefined: no limit is known. */
export function openFilesLimit(): number | undefined {
  // Node has raised it to the hard limit by now. Without this option it would ask for the names of all peers.
  Reflect.set(report, 'excludeNetwork', true)
  const found = report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = found.userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : undefined
}
