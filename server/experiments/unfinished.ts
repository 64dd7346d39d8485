/** A run that would go on for ever, does not fit, or comes to a command that cannot be done. */
export class Unfinished extends Error {}
