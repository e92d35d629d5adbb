module aviary/sandbox/pause

go 1.22
