/** What `region new` writes where somebody has to fill something in; `region check` finds it. */
export const TO_FILL_IN = '【待填 fill in】';
