//! AutoScalerStateStore on the heap: the default, forgets at exit
