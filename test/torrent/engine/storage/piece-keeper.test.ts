import { describe, expect, test } from '@jest/globals'
import type { Content } from '../../../../torrent/engine/storage/content.ts'
import { createPieceKeeper } from '../../../../torrent/engine/storage/piece-keeper.ts'
import { within } from '../../../support/wait.ts'

const BYTES = Buffer.from('a piece')
type Write = (piece: number) => Promise<void>
/** Only its writes are looked at. */
const content = (keep: Write): Content => ({ keep }) as unknown as Content
const never = (): Promise<void> => new Promise(() => {})
const error = (code: string): Error => Object.assign(new Error(code), { code })

describe('createPieceKeeper', () => {
  test('writes for everybody; one that fails does not fail the others', async () => {
    const written: string[] = []
    const good = content(async (piece) => void written.push(`good ${piece}`))
    const bad = content(() => Promise.reject(error('EIO')))
    const full = content(() => Promise.reject(error('ENOSPC')))
    const { failures, hangs } = await createPieceKeeper().keep([bad, good, full], 7, BYTES)
    expect(written).toEqual(['good 7'])
    expect(failures).toEqual([
      { content: bad, code: 'INTERNAL', why: 'EIO' },
      { content: full, code: 'DOES_NOT_FIT', why: 'ENOSPC' },
    ])
    expect(hangs).toBe(false)
  })

  test('one write at a time for a content, in order; others do not wait for it', async () => {
    const begun: string[] = []
    const gate = Promise.withResolvers<void>()
    const slow = content(async (piece) => {
      begun.push(`slow ${piece}`)
      await gate.promise
    })
    const quick = content(async (piece) => void begun.push(`quick ${piece}`))
    const keeper = createPieceKeeper()
    const all = [1, 2].map((piece) => keeper.keep([slow], piece, BYTES))
    await keeper.keep([quick], 3, BYTES)
    expect(begun).toEqual(['slow 1', 'quick 3'])
    gate.resolve()
    await Promise.all(all)
    expect(begun).toEqual(['slow 1', 'quick 3', 'slow 2'])
  })

  test('a write that hangs fails its content, and what waited behind it, untried', async () => {
    const tried: number[] = []
    const stuck = content((piece) => {
      tried.push(piece)
      return never()
    })
    const well = content(async () => {})
    const keeper = createPieceKeeper(30)
    const first = keeper.keep([stuck, well], 1, BYTES)
    const second = keeper.keep([stuck], 2, BYTES)
    expect(await within('the first', 15_000, first)).toMatchObject({
      failures: [{ content: stuck, code: 'INTERNAL' }],
      hangs: true,
    })
    expect(await within('the second', 15_000, second)).toMatchObject({
      failures: [{ content: stuck, code: 'INTERNAL' }],
      hangs: false,
    })
    expect(await keeper.keep([stuck], 3, BYTES)).toMatchObject({ hangs: false })
    expect(tried).toEqual([1])
    expect(await keeper.keep([well], 4, BYTES)).toEqual({ failures: [], hangs: false })
  })

  test('a hanging write that fails at last is nobody’s surprise', async () => {
    const late = Promise.withResolvers<void>()
    const keeper = createPieceKeeper(20)
    const { hangs } = await keeper.keep([content(() => late.promise)], 1, BYTES)
    late.reject(new Error('at last'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(hangs).toBe(true)
  })
})
