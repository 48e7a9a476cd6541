/** Whether a name is of a title, and why; the reason is for people. */
export type Verdict =
  | {
      readonly kind: 'right'
      readonly reason: string
      /** Of more than the one episode that is wanted. */
      readonly isPack: boolean
    }
  | { readonly kind: 'wrong'; readonly reason: string }
  | {
      readonly kind: 'unsure'
      readonly reason: string
      /** It is enough where an id says which title it is. */
      readonly isEnoughById: boolean
    }

/** The reason of a name that goes on behind the title, or has it not. */
export const OTHER_TITLE = 'other title'

export const right = (reason: string, isPack = false): Verdict => ({
  kind: 'right',
  reason,
  isPack,
})
export const wrong = (reason: string): Verdict => ({ kind: 'wrong', reason })
export const unsure = (reason: string, isEnoughById = false): Verdict => ({
  kind: 'unsure',
  reason,
  isEnoughById,
})

/** As logs and `npm run explain` show it: `wrong: other year`. */
export const verdictText = ({ kind, reason }: Verdict): string => `${kind}: ${reason}`
