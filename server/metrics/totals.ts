import { type FaultCode, faults } from '../../common/errors.ts'

const SERVER_ERROR = 500

/** What only grows since the start, for the charts of the last day (server/admin/history.ts). */
export class Totals {
  /** Bytes of films on their way to viewers, as they go: a response may last for hours. */
  sentBytes = 0
  /** Answers with a status of 500 or above: what strangers ask wrongly is not in it. */
  errors = 0

  sent(bytes: number): void {
    this.sentBytes += bytes
  }

  refused(code: FaultCode): void {
    if (faults[code][0] >= SERVER_ERROR) this.errors++
  }
}
