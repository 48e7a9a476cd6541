import { splitDhtNode } from '../../../common/bittorrent/dht-nodes.ts'
import { addressGroup } from '../../../common/network/address-group.ts'
import type { DhtContact } from './dht-query.ts'

/** Nodes of one distance, as BEP 5 has it. */
const BUCKET = 8
/** Nodes of one network: whoever has one has 2^64 addresses, and must not be all that we know. */
const MAX_OF_NETWORK = 8
/** Queries in a row that a node may leave unanswered. */
const MAX_FAILURES = 2

interface Known extends DhtContact {
  readonly network: string
  failures: number
}

/** Sorts what is nearest to the target first, by the XOR of the ids (BEP 5). */
export const byDistanceTo =
  (target: Buffer) =>
  (a: { readonly id: Buffer }, b: { readonly id: Buffer }): number => {
    for (let i = 0; i < target.length; i++) {
      const near = ((a.id[i] ?? 0) ^ (target[i] ?? 0)) - ((b.id[i] ?? 0) ^ (target[i] ?? 0))
      if (near !== 0) return near
    }
    return 0
  }

/** The nodes that have answered us: at most eight of each distance. */
export class NodeTable {
  readonly #ownId: Buffer
  readonly #buckets = new Map<number, Known[]>()

  constructor(ownId: Buffer) {
    this.#ownId = ownId
  }

  get all(): readonly Known[] {
    return [...this.#buckets.values()].flat()
  }

  closest(target: Buffer, count: number): readonly DhtContact[] {
    return this.all.toSorted(byDistanceTo(target)).slice(0, count)
  }

  /** It has answered. True when it is a new one. */
  answered(contact: DhtContact): boolean {
    const place = this.#placeOf(contact.id)
    const bucket = this.#buckets.get(place) ?? []
    const known = bucket.find(
      ({ id, address }) => id.equals(contact.id) && address === contact.address,
    )
    if (known) {
      known.failures = 0
      return false
    }
    // Who takes the id or the address of another does not take its place.
    if (bucket.some(({ id }) => id.equals(contact.id)) || bucket.length >= BUCKET) return false
    if (this.all.some(({ address }) => address === contact.address)) return false
    const network = networkOf(contact)
    const count = this.all.filter((one) => one.network === network).length
    if (count >= MAX_OF_NETWORK || contact.id.equals(this.#ownId)) return false
    this.#buckets.set(place, [...bucket, { ...contact, network, failures: 0 }])
    return true
  }

  /** It was asked and did not answer. */
  failed(address: string): void {
    for (const [place, bucket] of this.#buckets) {
      const known = bucket.find((one) => one.address === address)
      if (!known || ++known.failures < MAX_FAILURES) continue
      this.#buckets.set(
        place,
        bucket.filter((one) => one !== known),
      )
    }
  }

  /** How many bits its id has in common with ours, from the first one on. */
  #placeOf(id: Buffer): number {
    for (let i = 0; i < id.length; i++) {
      const different = (id[i] ?? 0) ^ (this.#ownId[i] ?? 0)
      if (different !== 0) return i * 8 + Math.clz32(different) - 24
    }
    return id.length * 8
  }
}

const networkOf = ({ address }: DhtContact): string => addressGroup(splitDhtNode(address).host)
