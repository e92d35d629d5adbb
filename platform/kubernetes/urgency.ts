/**
 * Which work goes first when a process has to hold back its requests.
 *
 * A step may turn urgent in its middle, when it decides to roll back, and all its requests carry its signal. So the signal
 * is where it is said: nothing between the step and the client has to pass it on.
 */
const urgent = new WeakSet<AbortSignal>();

/** From now on, whatever carries this very signal goes first. */
export const markUrgent = (signal: AbortSignal): void => void urgent.add(signal);

/** Without a signal nothing is urgent. */
export const isUrgent = (signal: AbortSignal | undefined): boolean => signal !== undefined && urgent.has(signal);
