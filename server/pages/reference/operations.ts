import {
  type Description,
  METHODS,
  type Method,
  type Operation,
  type Parameter,
  resolved,
} from './description.ts'

/** One operation, with every address that has it. */
export interface ListedOperation {
  readonly method: Method
  readonly operation: Operation
  readonly paths: readonly { readonly path: string; readonly summary: string }[]
  /** Those of the first address. */
  readonly parameters: readonly Parameter[]
}

/** Every operation once, in the order of the description. */
export function listOperations(all: Description): readonly ListedOperation[] {
  const listed = new Map<Operation, ListedOperation>()
  for (const [path, item] of Object.entries(all.paths)) {
    for (const method of METHODS) {
      const operation = item[method]
      if (!operation) continue
      const before = listed.get(operation)
      const stated = [...(item.parameters ?? []), ...(operation.parameters ?? [])]
      const parameters = before?.parameters ?? stated.map((one) => resolved(all, one))
      const paths = [...(before?.paths ?? []), { path, summary: item.summary ?? '' }]
      listed.set(operation, { method, operation, paths, parameters })
    }
  }
  return [...listed.values()]
}
