import { Owners } from '../../../common/permits/owners.ts'
import type { Questions } from '../shared/questions.ts'
import type { ArchiveApi } from './archive-api.ts'
import { ARCHIVE } from './archive-item.ts'

/** The same, for who does not ask for a list: each question waits for its turn. */
export function forCatalogs(api: ArchiveApi, questions: Questions): ArchiveApi {
  const provider = { name: ARCHIVE, host: api.host, requests: 1 }
  // Catalogs are for everybody: together they count like one address.
  const owners = new Owners()
  owners.add('catalogs')
  return {
    ...api,
    search: (query, options, signal) =>
      questions.ask(provider, owners, signal, (inner) => api.search(query, options, inner)),
    item: (identifier, signal) =>
      questions.ask(provider, owners, signal, (inner) => api.item(identifier, inner)),
  }
}
