import { describe, expect, test } from '@jest/globals'
import type { EngineFile } from '../../../../torrent/engine/storage/engine-file.ts'
import { PieceWriter } from '../../../../torrent/engine/storage/piece-writer.ts'
import { within } from '../../../support/wait.ts'

const BYTES = Buffer.from('a piece')
type Write = (piece: number) => Promise<void>
/** Only its writes are looked at. */
const file = (write: Write, untilRoomFor: Write = async () => {}): EngineFile =>
  ({ write, untilRoomFor }) as unknown as EngineFile
const never = (): Promise<void> => new Promise(() => {})
const error = (code: string): Error => Object.assign(new Error(code), { code })

describe('PieceWriter', () => {
  test('writes to every file; one that fails does not fail the others', async () => {
    const written: string[] = []
    const good = file(async (piece) => void written.push(`good ${piece}`))
    const bad = file(() => Promise.reject(error('EIO')))
    const full = file(() => Promise.reject(error('ENOSPC')))
    const { failures, hangs } = await new PieceWriter().write([bad, good, full], 7, BYTES)
    expect(written).toEqual(['good 7'])
    expect(failures).toEqual([
      { file: bad, code: 'INTERNAL', why: 'EIO' },
      { file: full, code: 'DOES_NOT_FIT', why: 'ENOSPC' },
    ])
    expect(hangs).toBe(false)
  })

  test.each([
    ['EDQUOT', 'DOES_NOT_FIT'],
    ['EFBIG', 'DOES_NOT_FIT'],
    ['EROFS', 'DOES_NOT_FIT'],
    ['EACCES', 'DOES_NOT_FIT'],
    ['EMFILE', 'TOO_MANY_OPEN'],
    ['ENFILE', 'TOO_MANY_OPEN'],
  ])('%s ends the download as %s', async (why, code) => {
    const bad = file(() => Promise.reject(error(why)))
    const { failures } = await new PieceWriter().write([bad], 7, BYTES)
    expect(failures).toEqual([{ file: bad, code, why }])
  })

  test('one write at a time for a file, in order; other files do not wait for it', async () => {
    const begun: string[] = []
    const gate = Promise.withResolvers<void>()
    const slow = file(async (piece) => {
      begun.push(`slow ${piece}`)
      await gate.promise
    })
    const quick = file(async (piece) => void begun.push(`quick ${piece}`))
    const writer = new PieceWriter()
    const all = [1, 2].map((piece) => writer.write([slow], piece, BYTES))
    await writer.write([quick], 3, BYTES)
    expect(begun).toEqual(['slow 1', 'quick 3'])
    gate.resolve()
    await Promise.all(all)
    expect(begun).toEqual(['slow 1', 'quick 3', 'slow 2'])
  })

  test('room is waited for before the write, however long', async () => {
    const [room, begun] = [Promise.withResolvers<void>(), [] as number[]]
    const waiting = file(
      async (piece) => void begun.push(piece),
      () => room.promise,
    )
    const written = new PieceWriter(5).write([waiting], 1, BYTES)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(begun).toEqual([])
    room.resolve()
    expect(await written).toEqual({ failures: [], hangs: false })
    expect(begun).toEqual([1])
  })

  test('a write that hangs fails its file; the writes behind it are not tried', async () => {
    const tried: number[] = []
    const stuck = file((piece) => {
      tried.push(piece)
      return never()
    })
    const well = file(async () => {})
    const writer = new PieceWriter(30)
    const first = writer.write([stuck, well], 1, BYTES)
    const second = writer.write([stuck], 2, BYTES)
    expect(await within('the first', 60_000, first)).toMatchObject({
      failures: [{ file: stuck, code: 'INTERNAL' }],
      hangs: true,
    })
    expect(await within('the second', 60_000, second)).toMatchObject({
      failures: [{ file: stuck, code: 'INTERNAL' }],
      hangs: false,
    })
    expect(await writer.write([stuck], 3, BYTES)).toMatchObject({ hangs: false })
    expect(tried).toEqual([1])
    expect(await writer.write([well], 4, BYTES)).toEqual({ failures: [], hangs: false })
  })

  test('a hanging write that fails at last is nobody’s surprise', async () => {
    const late = Promise.withResolvers<void>()
    const writer = new PieceWriter(20)
    const { hangs } = await writer.write([file(() => late.promise)], 1, BYTES)
    late.reject(new Error('at last'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(hangs).toBe(true)
  })
})
