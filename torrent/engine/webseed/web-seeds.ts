import type { Metainfo } from '../../../common/bittorrent/metainfo.ts'
import type { SwarmEvents } from '../swarm/swarm.ts'
import { WebSeed } from './web-seed.ts'

/** The web seeds of one torrent (BEP 19), each once. */
export class WebSeeds {
  readonly #events: SwarmEvents
  readonly #seeds = new Map<string, WebSeed>()

  constructor(events: SwarmEvents) {
    this.#events = events
  }

  get connected(): number {
    return [...this.#seeds.values()].filter((seed) => seed.connected).length
  }

  open(urls: readonly string[], metainfo: Metainfo): void {
    for (const url of urls) {
      if (!this.#seeds.has(url)) this.#seeds.set(url, new WebSeed(url, metainfo, this.#events))
    }
  }

  close(): void {
    for (const seed of this.#seeds.values()) seed.close()
  }
}
