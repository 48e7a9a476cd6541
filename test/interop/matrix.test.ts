import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Outcome } from './cell.ts'
import { clients } from './clients/all-clients.ts'
import { type Lab, openLab } from './lab.ts'
import { situations } from './situations.ts'
import { failureOf, InteropTable, textOf } from './table.ts'
import { cannot, trySituation } from './try-situation.ts'

/** Each client in each situation: `npm run test:interop`. */
const table = new InteropTable()
let lab: Lab | undefined
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab?.close())

describe.each(clients)('$name', (client) => {
  afterAll(() => {
    if (process.env.INTEROP === 'write') table.write(clients, new Date().toISOString().slice(0, 10))
  })

  test.each(situations)('$name: $what', async (situation) => {
    const reason = cannot(client, situation)
    if (reason) {
      table.note(client, situation.name, reason)
      return
    }
    if (!lab) throw new Error('no lab')
    const outcome: Outcome | Error = await trySituation(lab, client, situation).catch(
      (error: Error) => error,
    )
    const isError = outcome instanceof Error
    table.note(client, situation.name, isError ? failureOf(outcome) : textOf(outcome))
    if (isError) throw outcome
    expect(outcome).toBeDefined()
  })
})
