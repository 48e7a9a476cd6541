import { buildTorrent } from '../support/swarm/torrent.ts'
import { Cell, type Outcome } from './cell.ts'
import type { Client } from './clients/client.ts'
import type { Lab } from './lab.ts'
import type { Situation } from './situations.ts'
import { NOT_THERE } from './table.ts'

/** What a client or this machine cannot, or that it is not there; undefined: to be tried. */
export function cannot(client: Client, { needs, lacking }: Situation): string | undefined {
  if (client.version() === undefined) return NOT_THERE
  return lacking?.() ?? (needs && client.lacks[needs])
}

/** Runs one cell and ends all that it started. @throws Error with what went wrong */
export async function trySituation(
  lab: Lab,
  client: Client,
  { name, size, pieceLength, rewrite, run }: Situation,
): Promise<Outcome> {
  const plan = { name: `${client.name} ${name}.mkv`, size, pieceLength }
  const cell = new Cell(lab, client, buildTorrent({ ...plan, ...(rewrite && { rewrite }) }))
  return run(cell).finally(() => cell.end())
}
