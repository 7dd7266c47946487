let lanes = 0;

/** A number for a lane, as statistics, channels and logs call it: no other lane of this process has it. */
export const newLaneId = (): number => lanes++;
