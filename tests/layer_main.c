/* For the layers by link (meson.build): a program of all the objects of one folder needs a main. */
int main(void)
{
    return 0;
}
