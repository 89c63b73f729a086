/* A shared object that is something else. */
int some_other_function(void);
int some_other_function(void) {
  return 0;
}
