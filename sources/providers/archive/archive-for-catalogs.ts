import type { Clock } from '../../../common/clock.ts'
import { Owners } from '../../../common/permits/owners.ts'
import type { Questions } from '../shared/questions.ts'
import { RememberedAnswers } from '../shared/remembered-answers.ts'
import type { ArchiveApi, ArchiveHit, ArchiveItem } from './archive-api.ts'
import { ARCHIVE } from './archive-item.ts'

/** Some thousand pages of hits; an item has up to 2000 files. */
const MAX_BYTES = 8 * 1024 * 1024

/**
 * The archive for who does not ask for a list: each question has a permit of its own, and its answer
 * is remembered. (A list has its permit when its provider is asked, and remembers what that said.)
 */
export function forCatalogs(
  api: ArchiveApi,
  { questions, clock }: { readonly questions: Questions; readonly clock: Clock },
): ArchiveApi {
  const provider = { name: ARCHIVE, host: api.host, requests: 1 }
  const answers = new RememberedAnswers<readonly ArchiveHit[] | ArchiveItem | undefined>({
    clock,
    maxBytes: MAX_BYTES,
    isEmpty: (answer) => answer === undefined || ('length' in answer && answer.length === 0),
  })
  const ask = async <T extends readonly ArchiveHit[] | ArchiveItem | undefined>(
    question: string,
    signal: AbortSignal,
    address: string | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const owners = new Owners()
    owners.add(address)
    // Of one question all answers have one type.
    return answers.ask(question, signal, (shared) =>
      questions.ask(provider, owners, shared, work),
    ) as Promise<T>
  }
  return {
    ...api,
    search: (query, options, signal, address) =>
      ask(`search ${JSON.stringify([query, options])}`, signal, address, (inner) =>
        api.search(query, options, inner),
      ),
    item: (identifier, signal, address) =>
      ask(`item ${identifier}`, signal, address, (inner) => api.item(identifier, inner)),
  }
}
