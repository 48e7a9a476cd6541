import type { Log } from '../../common/log.ts'
import { localAddresses } from '../../common/network/local-address.ts'

/** The address or interface that the engine must leave by (TORRENT_BIND), if there is one. */
export class BoundAddress {
  readonly #bind: string | undefined
  readonly #log: Pick<Log, 'info' | 'error'>
  #away = false

  constructor(bind: string | undefined, log: Pick<Log, 'info' | 'error'>) {
    this.#bind = bind
    this.#log = log
  }

  /** It was not there when it was last looked for. */
  get away(): boolean {
    return this.#away
  }

  /** Looks for it, and tells the log when it goes and when it is back. */
  isHere(): boolean {
    const bind = this.#bind
    const isHere = bind === undefined || localAddresses(bind) !== undefined
    if (isHere && this.#away) this.#log.info({ bind }, 'TORRENT_BIND is back: torrents go on')
    if (!isHere && !this.#away) this.#log.error({ bind }, 'TORRENT_BIND has gone: torrents wait')
    this.#away = !isHere
    return isHere
  }
}
