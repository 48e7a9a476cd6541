import type { Owners } from '../common/permits/owners.ts'
import type { Title } from '../common/title.ts'
import type { ParsedName } from './names/parsed-name.ts'

/** Where the bytes of a source come from; checked when it was read. */
export type Locator =
  /** Parsed and checked by common/bittorrent/magnet.ts; unknown parts of a magnet are dropped. */
  | {
      readonly kind: 'magnet'
      readonly infoHash: string
      readonly trackers: readonly string[]
      readonly webSeeds: readonly string[]
      /** `ip:port`; absent when it names none. */
      readonly peers?: readonly string[]
    }
  /** A .torrent file: an http(s) URL, or an absolute path below its catalogue's folder. */
  | { readonly kind: 'torrent'; readonly from: string; readonly infoHash?: string }
  | { readonly kind: 'url'; readonly url: string }
  /** An absolute path below its catalogue's folder, links resolved. */
  | { readonly kind: 'path'; readonly path: string }

/**
 * Which file of a torrent is meant: a path inside it, or its index; both = the file at that index if it is
 * called so, else the one that is; neither = the wanted file of the title.
 */
export interface Selector {
  readonly file?: string
  readonly fileIdx?: number
  /** Another server told them: an index does not count where the name of the file there speaks against the title. */
  readonly isHint?: true
}

/** A file that is a part of a film, but the first one. */
export interface FilmPart {
  readonly fileIdx: number
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** A subtitle file on another server, as a provider told it with its source; checked when it was read. */
export interface StatedSubtitle {
  /** Of its address: 12 hexadecimal digits. */
  readonly id: string
  readonly url: string
  /** ISO 639-2, `und` when the language is not known. */
  readonly lang: string
  /** Headers without which its server refuses. */
  readonly request?: Readonly<Record<string, string>>
  /** No viewer may learn its address: this server reads it. Of the sources of a list. */
  readonly isRelayed?: boolean
}

export interface Source {
  readonly locator: Locator
  readonly selector: Selector
  /** The name of the provider that reported it, e.g. `catalogue`. */
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
  /** Of a further part of a film: the key of the source that plays the first one. */
  readonly partOf?: string
  readonly subtitles?: readonly StatedSubtitle[]
  /** Only of a `url`: headers without which its server refuses. */
  readonly proxyHeaders?: ProxyHeaders
}

/**
 * As `behaviorHints.proxyHeaders` of a Stremio stream: headers to send, and to set on what is
 * received.
 */
export interface ProxyHeaders {
  readonly request?: Readonly<Record<string, string>>
  readonly response?: Readonly<Record<string, string>>
}

/**
 * A source with its number, which it keeps for as long as the source list is remembered
 * (docs/decisions/0002-numbered-book.md).
 */
export interface NumberedSource extends Source {
  readonly number: number
  /** What `?s=` carries: 10 base32 characters. */
  readonly key: string
  /**
   * Whether its provider reported it at the last look-up. A source that is not listed still plays.
   */
  readonly listed: boolean
  /** Removed by its owner, or blocked: it keeps its number, and a play is answered with 404. */
  readonly retired: boolean
  /** A link whose address or headers no viewer may learn, or any with DIRECT=relay: this server asks for its bytes itself. */
  readonly relayed?: boolean
  /** Of the sources of a list; those of a play are not read (sources/matching/name-sources.ts). */
  readonly names?: SourceNames
}

/** What the names of a source say. */
export interface SourceNames {
  /** Of the file name, else the label. */
  readonly stated: ParsedName
  /** Of the name that clients show. */
  readonly shown: ParsedName
  /** Whether file name or label name an episode; false for a movie. */
  readonly ofEpisode: boolean
  /** A torrent of several episodes, of which the wanted one's file is not known yet. */
  readonly isPack: boolean
}

export interface SourceProvider {
  readonly name: string
  /**
   * What it means when a source is not reported any more. `owned`: the operator removed it, so it
   * is retired; `network`: it is only not listed.
   */
  readonly authority: 'owned' | 'network'
  /**
   * It asks other addons, which may ask us. So it is left out when an addon asks, or requests would
   * go round in a circle.
   */
  readonly relays?: boolean
  /**
   * Whether it may know the title; it is not asked for any other. Unless given an owned one may know all, one of the
   * network all but those of ids that only this server knows.
   */
  readonly mayKnow?: (title: Title) => boolean
  /** Whom it asks; questions to one host take turns. Its name unless given. */
  readonly host?: string
  /**
   * The requests that one `find` takes at most, for the budget of each minute; 1 unless given. With 0
   * it needs no turn.
   */
  readonly requests?: number | ((title: Title) => number)
  /** @param owners the addresses that wait for it, where they are counted */
  find(title: Title, signal: AbortSignal, owners?: Owners): Promise<readonly Source[]>
}
