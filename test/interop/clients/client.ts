/** How a client is to be started; what is not said is its own default, without DHT and LSD. */
export interface Order {
  /** Folder of its own for settings and state; a second start finds those of the first. */
  readonly home: string
  /** Where the film lies, or is to come to. */
  readonly films: string
  /** Path of the .torrent file. */
  readonly torrent: string
  readonly infoHash: string
  /** Its address. */
  readonly host: string
  /** Where it is told what to do, if by TCP. */
  readonly rpcHost: string
  /** What stands before its command, so that it runs at the far end of a line; empty: here. */
  readonly inside: readonly string[]
  /** Where it listens for peers. */
  readonly port: number
  /** Neither makes nor takes connections that are not encrypted (MSE). */
  readonly isEncrypted: boolean
  readonly isSuperSeeding: boolean
  /** KB/s it sends at most, of 1000 or 1024 bytes; 0: no limit. */
  readonly uploadKb: number
}

export interface RunningClient {
  /** Share of the film that it has verified; undefined until it has looked at what is there. */
  progress(): Promise<number | undefined>
  /** What it has said so far. */
  log(): string
  stop(): Promise<void>
}

/** What not every client can. */
export type Ability = 'encryption' | 'utp' | 'ipv6' | 'superSeeding' | 'dials' | 'dialsAsSeeder'

export interface Client {
  readonly name: string
  /** Undefined: it is not there. */
  version(): string | undefined
  /** What it cannot, and why, for a cell of the table. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>
  start(order: Order): Promise<RunningClient>
}
