import type { Title } from '../common/title.ts'

/** Where the bytes of a source come from; already checked at the door. */
export type Locator =
  /** Parsed by our own gate; what it does not know of a magnet is dropped. */
  | {
      readonly kind: 'magnet'
      readonly infoHash: string
      readonly trackers: readonly string[]
      readonly webSeeds: readonly string[]
    }
  /** A .torrent file: an http(s) URL, or an absolute path below its catalogue's folder. */
  | { readonly kind: 'torrent'; readonly from: string; readonly infoHash?: string }
  | { readonly kind: 'url'; readonly url: string }
  /** An absolute path below its catalogue's folder, links resolved. */
  | { readonly kind: 'path'; readonly path: string }

/** Which file of a torrent is meant: a path inside it, or its index; neither = the wanted file of the title. */
export interface Selector {
  readonly file?: string
  readonly fileIdx?: number
}

export interface Source {
  readonly locator: Locator
  readonly selector: Selector
  /** Who reported it, e.g. `catalogue`. */
  readonly provider: string
  /** Names the source where its locator differs between machines, e.g. `path:films/a.mp4`. */
  readonly identity?: string
  readonly label?: string
  readonly quality?: string
  /** Bytes of the wanted file, when known. */
  readonly size?: number
  readonly filename?: string
  readonly licence?: string
  readonly seeders?: number
  readonly languages?: readonly string[]
  /** Only of a `url`: headers without which its server refuses; a plain redirect cannot carry them. */
  readonly proxyHeaders?: ProxyHeaders
}

/** As a Stremio stream's `behaviorHints.proxyHeaders`: what a player sends, and is to read. */
export interface ProxyHeaders {
  readonly request?: Readonly<Record<string, string>>
  readonly response?: Readonly<Record<string, string>>
}

/** A source with the number it keeps for as long as the source list is remembered (docs/decisions/0002). */
export interface NumberedSource extends Source {
  readonly number: number
  /** What `?s=` carries: 10 base32 characters. */
  readonly key: string
  /** Reported by its provider at the last look-up. One that is not still plays. */
  readonly listed: boolean
  /** Removed by its owner: number kept, 404. */
  readonly retired: boolean
}

export interface SourceProvider {
  readonly name: string
  /**
   * `owned`: what it does not report any more was removed by the operator and is retired;
   * `network`: it is merely not listed.
   */
  readonly authority: 'owned' | 'network'
  /**
   * It asks other addons, which may ask us: left out when the question came from an addon itself,
   * so that nothing goes in a circle.
   */
  readonly relays?: boolean
  find(title: Title, signal: AbortSignal): Promise<readonly Source[]>
}
