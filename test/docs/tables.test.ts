import { describe, expect, test } from '@jest/globals'
import { type FaultCode, faults } from '../../common/errors.ts'
import { whatToDo } from '../../common/faults/what-to-do.ts'
import { variables } from '../../config/variables.ts'
import { tableRows } from './markdown-table.ts'

test('docs/settings.md names every variable as the code has it', () => {
  const rows = Object.entries(variables).map(([name, { shown, meaning }]) => [
    `\`${name}\``,
    shown,
    meaning,
  ])
  expect(tableRows('docs/settings.md', 'Variable')).toEqual(rows)
})

test('docs/errors.md names every error as the code has it', () => {
  const rows = Object.entries(faults).map(([code, [status, message]]) => [
    `\`${code}\``,
    String(status),
    message,
    whatToDo[code as FaultCode],
  ])
  expect(tableRows('docs/errors.md', 'Code')).toEqual(rows)
})

describe('tableRows', () => {
  test('fails when there is no such table', () => {
    expect(() => tableRows('README.md', 'Nothing of the kind')).toThrow('has no table')
  })
})
