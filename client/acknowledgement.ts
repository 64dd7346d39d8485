/** When to say to the server which frame is here: after every fourth, and at once after a gap. Pure. */

const period = 4
/** Asks for an answer with the first few, and with every tenth after. */
const firstAnswers = 4
const answerPeriod = 10

/** `ask`: and asks what the clock of the server says, and how many frames it left out. */
export type Acknowledgement = 'none' | 'say' | 'ask'

export function createAcknowledgement(): (sequence: number) => Acknowledgement {
  let last: number | null = null
  let owed = period
  let said = 0
  return sequence => {
    const gap = last !== null && sequence > last + 1
    last = sequence
    if (owed < period && !gap) {
      owed++
      return 'none'
    }
    owed = 1
    const asks = gap || said < firstAnswers || said % answerPeriod === 0
    said++
    return asks ? 'ask' : 'say'
  }
}
